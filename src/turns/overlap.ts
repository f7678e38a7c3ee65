import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { UNKNOWN, type OverlapStretch, type SpeechStretch } from '../events/events.js';
import type { HeardTogether } from './overlap-track.js';
import { dot } from '../vectors.js';
import type { Evidence, Voice } from '../scoring/voice.js';

/** How far the evidence must lean to a second voice, beyond what the first explains: a cosine, and a share of the first's. */
interface LeastLean {
  readonly cosine: number;
  readonly share: number;
}
/** Where two voices are heard; and where nothing else says so. */
const HEARD: LeastLean = { cosine: 0.25, share: 0.4 };
const UNHEARD: LeastLean = { cosine: 0.32, share: 0.5 };
/** The second speaker is the one whose turn begins or ends within this of the overlap. */
const NEAR_SAMPLES = SAMPLE_RATE_HZ;
/** A turn with more overlap teaches nothing and creates no speaker. */
const MIXED_SHARE = 0.5;

/** What the evidence of a turn says. */
interface Judged {
  readonly voice: Voice | null;
  readonly evidence: Evidence | null;
}

/** Those who may speak. */
interface Voices {
  /** The enrolled ones that are nearest. */
  nearest(direction: Float32Array): readonly Voice[];
  unknown(): readonly Voice[];
}

type Neighbour = SpeechStretch & { readonly speaker: string };

/** The speakers before and after a turn. */
export interface Neighbours {
  readonly before?: Neighbour | undefined;
  readonly after?: Neighbour | undefined;
}

/** Where in a turn two voices are heard at once. */
export interface Overlap {
  readonly stretches: readonly OverlapStretch[];
  /** Of the turn, 0 to 1. */
  readonly share: number;
  /** All of the turn leans to a second voice, whether two are heard or not. */
  readonly leans: boolean;
}

/** Such a turn teaches nothing about one voice. */
export function isMixed({ share, leans }: Overlap): boolean {
  return share > MIXED_SHARE || leans;
}

/**
 * Overlap in a turn, and its second speaker: a near neighbour, else the voice that the stretch leans to.
 * Without overlap in the windows, the whole turn overlaps if it leans so.
 * @param span as reported. @param heard overlap found in the windows; undefined without a readout.
 */
export function overlapOf(
  verdict: Judged,
  span: SpeechStretch,
  heard: readonly HeardTogether[] | undefined,
  neighbours: Neighbours,
  people: Voices,
): Overlap {
  const second = leaning(verdict, people);
  const leans = second !== null;
  if (heard === undefined) {
    return leans
      ? { stretches: [{ ...span, other: labelOf(second) }], share: 1, leans }
      : { stretches: [], share: 0, leans };
  }
  const { voice } = verdict;
  const stretches = heard.map(({ direction, ...stretch }) => {
    const near = nearestOf(stretch, neighbours, voice?.label ?? UNKNOWN);
    return { ...stretch, other: near ?? labelOf(voice && secondVoice(direction, voice, people, HEARD)) };
  });
  const samples = stretches.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
  return { stretches, share: samples / (span.endSample - span.startSample), leans };
}

/** The second voice that all evidence of a turn leans to, or null. */
export function leaning({ voice, evidence }: Judged, people: Voices): Voice | null {
  return voice && evidence && secondVoice(evidence.direction, voice, people, UNHEARD);
}

/** The nearest neighbour other than `speaker`, or null. */
function nearestOf(stretch: SpeechStretch, { before, after }: Neighbours, speaker: string): string | null {
  const near = [
    { label: before?.speaker, gap: stretch.startSample - (before?.endSample ?? -Infinity) },
    { label: after?.speaker, gap: (after?.startSample ?? Infinity) - stretch.endSample },
  ].filter(({ label, gap }) => gap <= NEAR_SAMPLES && label !== speaker && label !== UNKNOWN);
  return near.sort((a, b) => a.gap - b.gap)[0]?.label ?? null;
}

/** Those who are named beside the speaker, once each. */
export function othersOf(stretches: readonly OverlapStretch[]): string[] {
  return [...new Set(stretches.map(({ other }) => other))].filter((other) => other !== null);
}

/**
 * The voice that speaks at the same time as `voice`, from pooled evidence. The network puts two simultaneous
 * voices between the two, so the evidence leans to the second far more than two voices are ever alike. Null
 * if it does not.
 */
function secondVoice(direction: Float32Array, voice: Voice, people: Voices, least: LeastLean): Voice | null {
  const own = dot(direction, voice.centroid);
  let best: Voice | null = null;
  let most = Math.max(least.cosine, least.share * own);
  for (const other of [...people.nearest(direction), ...people.unknown()]) {
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

function labelOf(voice: Voice | null): string | null {
  return voice === null || voice.label === UNKNOWN ? null : voice.label;
}
