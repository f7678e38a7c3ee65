import { dot } from './vectors.js';
import type { Voice } from './voice.js';

/** How far the evidence must lean to a second voice, beyond what the first explains: a cosine, and a share of the first's. */
const MIN_LEAN = 0.32;
const MIN_SHARE = 0.5;

/**
 * The voice that speaks at the same time as `voice`, as far as pooled evidence can say: a network that
 * pools over time puts two voices at once between the two, so the evidence leans to the second by much
 * more than two people are ever alike. Null where it does not.
 */
export function secondVoice(
  direction: Float32Array,
  voice: Voice,
  candidates: Iterable<Voice>,
): Voice | null {
  const own = dot(direction, voice.centroid);
  let best: Voice | null = null;
  let most = Math.max(MIN_LEAN, MIN_SHARE * own);
  for (const other of candidates) {
    if (other.id === voice.id || other.label === voice.label) continue;
    // Along the part of the other that is at right angles to the first.
    const alike = dot(other.centroid, voice.centroid);
    const lean =
      (dot(direction, other.centroid) - alike * own) / Math.sqrt(Math.max(1e-9, 1 - alike * alike));
    if (lean >= most) {
      most = lean;
      best = other;
    }
  }
  return best;
}
