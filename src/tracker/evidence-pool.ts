import type { SpeechTrack } from './speech-track.js';
import { addScaled, norm } from './vectors.js';

interface Window {
  readonly startSample: number;
  readonly endSample: number;
  readonly speechFrames: number;
  readonly embedding: Float32Array;
}

/** The embeddings behind a turn, pooled. */
export interface Pooled {
  /** Mean of the windows, weighted by the speech that each has inside the turn, L2-normalised. */
  readonly direction: Float32Array;
  /** Windows that lie mostly inside the turn; none where the turn has only a part of a window. */
  readonly windows: readonly Float32Array[];
  /** Mean cosine of those windows with `direction`; 1 of a single one. */
  readonly consistency: number;
}

/** Windows kept one by one; older windows of the open turn are kept as their sum. */
const MAX_WINDOWS = 64;
/** A window over an edge of the turn is a mixture of voices: with this many windows inside, it is left out. */
const ENOUGH_WINDOWS = 2;
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
    if (this.#windows.length <= MAX_WINDOWS) return;
    const evicted = this.#windows.shift()!;
    if (evicted.startSample < this.#openFrom) return;
    this.#older ??= new Float32Array(embedding.length);
    addScaled(this.#older, evicted.embedding, evicted.speechFrames);
  }

  /** Everything before `sample` was told; a turn asked for from now on begins there or later. */
  settle(sample: number): void {
    if (sample === this.#openFrom) return;
    this.#openFrom = sample;
    this.#older = null;
    this.#windows = this.#windows.filter(({ endSample }) => endSample > sample);
  }

  /** The evidence of [from, to); null where no window touches it. */
  pooled(from: number, to: number): Pooled | null {
    const older = from <= this.#openFrom ? this.#older : null;
    const touching = this.#windows
      .map((window) => ({ ...window, inside: this.#inside(window, from, to) }))
      .filter(({ inside }) => inside > 0);
    const mostly = touching.filter(({ inside, speechFrames }) => inside * 2 >= speechFrames);
    const wholly = touching.filter(({ inside, speechFrames }) => inside >= WHOLE_SHARE * speechFrames);
    const nearest = touching.sort((a, b) => b.inside - a.inside).slice(0, 1);
    const inner = wholly.length >= ENOUGH_WINDOWS ? wholly : mostly;
    const used = inner.length > 0 || older !== null ? inner : nearest;
    if (used.length === 0 && older === null) return null;
    const sum = older === null ? new Float32Array(used[0]!.embedding.length) : older.slice();
    let weight = 0;
    for (const window of used) {
      addScaled(sum, window.embedding, window.inside);
      weight += window.inside;
    }
    const length = norm(sum);
    if (length === 0) return null;
    return {
      direction: sum.map((value) => value / length),
      windows: mostly.map(({ embedding }) => embedding),
      consistency: older === null && weight > 0 ? length / weight : 1,
    };
  }

  #inside(window: Window, from: number, to: number): number {
    const start = Math.max(from, window.startSample);
    const end = Math.min(to, window.endSample);
    return end > start ? this.#track.speechFrames(start, end) : 0;
  }
}
