import type { SpeechTrack } from './speech-track.js';
import { addScaled, dot, norm } from './vectors.js';

interface Window {
  readonly startSample: number;
  readonly endSample: number;
  readonly speechFrames: number;
  readonly embedding: Float32Array;
}

/** Windows kept one by one; older windows of the open turn are kept as their sum. */
const MAX_WINDOWS = 64;

/**
 * The embeddings behind a turn, pooled: their mean, weighted by the speech that each window has, as a
 * unit vector. Windows that lie mostly outside the turn are left out, unless there is nothing better.
 */
export class EvidencePool {
  readonly #centroids: readonly Float32Array[];
  readonly #track: SpeechTrack;
  #windows: Window[] = [];
  #older: Float32Array | null = null;
  #openFrom = 0;

  constructor(centroids: readonly Float32Array[], track: SpeechTrack) {
    this.#centroids = centroids;
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

  /** Cosine of the pooled evidence of [from, to) with a speaker, or with the nearest; 0 without evidence. */
  score(from: number, to: number, label: number): number {
    const sum = this.#sum(from, to);
    const length = sum === null ? 0 : norm(sum);
    if (sum === null || length === 0 || this.#centroids.length === 0) return 0;
    const asked = this.#centroids[label];
    const nearest = (): number => Math.max(...this.#centroids.map((centroid) => dot(centroid, sum)));
    return Math.max(-1, Math.min(1, (asked === undefined ? nearest() : dot(asked, sum)) / length));
  }

  #sum(from: number, to: number): Float32Array | null {
    const older = from <= this.#openFrom ? this.#older : null;
    const touching = this.#windows
      .map((window) => ({ ...window, inside: this.#inside(window, from, to) }))
      .filter(({ inside }) => inside > 0);
    const mostly = touching.filter(({ inside, speechFrames }) => inside * 2 >= speechFrames);
    const nearest = touching.sort((a, b) => b.inside - a.inside).slice(0, 1);
    const used = mostly.length > 0 || older !== null ? mostly : nearest;
    if (used.length === 0 && older === null) return null;
    const sum = older === null ? new Float32Array(used[0]!.embedding.length) : older.slice();
    for (const window of used) addScaled(sum, window.embedding, window.inside);
    return sum;
  }

  #inside(window: Window, from: number, to: number): number {
    const start = Math.max(from, window.startSample);
    const end = Math.min(to, window.endSample);
    return end > start ? this.#track.speechFrames(start, end) : 0;
  }
}
