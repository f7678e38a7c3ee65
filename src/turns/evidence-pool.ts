import { SAMPLE_RATE_HZ } from '../stream/types.js';
import type { SpeechTrack } from '../fbank/speech-track.js';
import { addScaled, norm, scaled } from '../vectors.js';

interface Window {
  readonly startSample: number;
  readonly endSample: number;
  readonly speechFrames: number;
  readonly embedding: Float32Array;
}

/** A window, and the speech frames of it that lie inside a turn. */
interface Part {
  readonly window: Window;
  readonly inside: number;
}

/** The embeddings behind a turn, pooled. */
export interface Pooled {
  /** Mean of the windows, weighted by the speech that each has inside the turn, L2-normalised. */
  readonly direction: Float32Array;
  /** Windows that lie mostly inside the turn; none where the turn has only a part of a window. */
  readonly windows: readonly Float32Array[];
}

/** Windows of the open turn up to this age are kept one by one; older ones as their sum. */
const MAX_AGE_SAMPLES = 32 * SAMPLE_RATE_HZ;
/** A turn with this many windows inside leaves out those across its edges: they mix two voices. */
const ENOUGH_WINDOWS = 2;
/** Share of a window that a turn must cover for the window to count as inside. */
const WHOLE_SHARE = 0.9;

/**
 * Pools the windows of a turn. Windows that lie mostly outside the turn are left out, unless there is
 * nothing better.
 */
export class EvidencePool {
  readonly #track: SpeechTrack;
  #windows: Window[] = [];
  #older: Float32Array | null = null;
  #openFrom = 0;

  constructor(track: SpeechTrack) {
    this.#track = track;
  }

  add(startSample: number, endSample: number, embedding: Float32Array): void {
    const speechFrames = this.#track.speechFrames(startSample, endSample);
    this.#windows.push({ startSample, endSample, speechFrames, embedding });
    while (endSample - this.#windows[0]!.endSample >= MAX_AGE_SAMPLES) this.#evict(this.#windows.shift()!);
  }

  #evict({ startSample, embedding, speechFrames }: Window): void {
    if (startSample < this.#openFrom) return;
    this.#older ??= new Float32Array(embedding.length);
    addScaled(this.#older, embedding, speechFrames);
  }

  /** Everything before `sample` is settled; later turns begin there or after. */
  settle(sample: number): void {
    if (sample === this.#openFrom) return;
    this.#openFrom = sample;
    this.#older = null;
    this.#windows = this.#windows.filter(({ endSample }) => endSample > sample);
  }

  /** The evidence of [from, to); null where no window touches it. */
  pooled(from: number, to: number): Pooled | null {
    const older = from <= this.#openFrom ? this.#older : null;
    const touching: Part[] = [];
    for (const window of this.#windows) {
      const inside = this.#inside(window, from, to);
      if (inside > 0) touching.push({ window, inside });
    }
    const mostly = touching.filter(({ window, inside }) => inside * 2 >= window.speechFrames);
    const wholly = mostly.filter(({ window, inside }) => inside >= WHOLE_SHARE * window.speechFrames);
    const inner = wholly.length >= ENOUGH_WINDOWS ? wholly : mostly;
    const used = inner.length > 0 || older !== null ? inner : nearest(touching);
    if (used.length === 0 && older === null) return null;
    const sum = older === null ? new Float32Array(used[0]!.window.embedding.length) : older.slice();
    for (const { window, inside } of used) {
      addScaled(sum, window.embedding, inside);
    }
    const length = norm(sum);
    if (length === 0) return null;
    return {
      direction: scaled(sum, 1 / length),
      windows: mostly.map(({ window }) => window.embedding),
    };
  }

  save(): { windows: Window[]; older: Float32Array | null; openFrom: number } {
    return { windows: this.#windows, older: this.#older, openFrom: this.#openFrom };
  }

  load({ windows, older, openFrom }: ReturnType<EvidencePool['save']>): void {
    this.#windows = windows;
    this.#older = older;
    this.#openFrom = openFrom;
  }

  #inside(window: Window, from: number, to: number): number {
    const start = Math.max(from, window.startSample);
    const end = Math.min(to, window.endSample);
    return end > start ? this.#track.speechFrames(start, end) : 0;
  }
}

/** The one that has the most speech inside. */
function nearest(parts: readonly Part[]): Part[] {
  const most = parts.reduce<Part | null>(
    (best, part) => (part.inside > (best?.inside ?? 0) ? part : best),
    null,
  );
  return most === null ? [] : [most];
}
