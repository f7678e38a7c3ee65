import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import { joined } from '../native/sample-spans.js';
import type { EmbeddedWindow } from '../native/types.js';
import type { SpeechStretch } from '../events/events.js';
import { addScaled, unit } from '../vectors.js';

/**
 * Estimated share of overlap from which overlap is reported. docs/accuracy.md, "Two at once", has its
 * errors.
 */
const TOLD_SHARE = 0.25;
/** Shorter overlap is chance: told by windows; and by a segmentation network. */
const MIN_TOLD_SAMPLES = 0.3 * SAMPLE_RATE_HZ;
const MIN_SEGMENTED_SAMPLES = 0.1 * SAMPLE_RATE_HZ;
/** Windows kept: more than the longest turn has at the shortest step. */
const MAX_WINDOWS = 1000;
/** Spacing of the places at which overlap is estimated. */
const GRID_SAMPLES = 5 * SHIFT_SAMPLES;

/** A stretch with two voices at once, and what it sounds like: the mean of its windows, L2-normalised. */
export interface HeardTogether extends SpeechStretch {
  readonly direction: Float32Array;
}

interface Window extends SpeechStretch {
  readonly overlap: number | undefined;
  readonly embedding: Float32Array;
}

/** A window with the readout. */
type Telling = Window & { readonly overlap: number };

/**
 * Where two voices are heard at once. A segmentation network says so to the frame, as far as it has heard. Else each window
 * says in how much of it; at any moment the windows over it are averaged, and count the more, the nearer their middle.
 */
export class OverlapTrack {
  #windows: Window[] = [];
  /** As a segmentation network heard it, up to `#segmentedTo`. */
  #segmented: SpeechStretch[] = [];
  #segmentedTo = 0;

  add({ startSample, endSample, overlap, embedding, segmented }: EmbeddedWindow): void {
    if (segmented !== undefined) {
      // What the network says of one stretch may come in parts.
      this.#segmented = joined([...this.#segmented, ...segmented.together]);
      this.#segmentedTo = segmented.endSample;
    }
    if (embedding === null) return;
    this.#windows.push({ startSample, endSample, overlap, embedding });
    if (this.#windows.length > MAX_WINDOWS) this.#windows.shift();
  }

  /** Nothing before `sample` is asked for any more. */
  forget(sample: number): void {
    this.#windows = this.#windows.filter(({ endSample }) => endSample > sample);
    this.#segmented = this.#segmented.filter(({ endSample }) => endSample > sample);
  }

  save(): { windows: Window[]; segmented: SpeechStretch[]; segmentedTo: number } {
    return { windows: this.#windows, segmented: this.#segmented, segmentedTo: this.#segmentedTo };
  }

  load({ windows, segmented, segmentedTo }: ReturnType<OverlapTrack['save']>): void {
    this.#windows = windows;
    this.#segmented = segmented;
    this.#segmentedTo = segmentedTo;
  }

  /** The stretches of [from, to) with two voices, in order; undefined where nothing tells. */
  within(from: number, to: number): HeardTogether[] | undefined {
    const windows = this.#windows.filter(
      ({ startSample, endSample }) => startSample < to && endSample > from,
    );
    const telling = windows.filter((window): window is Telling => window.overlap !== undefined);
    const rest = Math.max(from, Math.min(to, this.#segmentedTo));
    if (windows.length === 0 || (rest === from && telling.length === 0)) return undefined;
    const stretches = joined([...this.#segmentedWithin(from, rest), ...toldWithin(telling, rest, to)]);
    const heard = telling.length > 0 ? telling : windows;
    return stretches.map((stretch) => ({ ...stretch, direction: directionOf(heard, stretch) }));
  }

  #segmentedWithin(from: number, to: number): SpeechStretch[] {
    return this.#segmented
      .map(({ startSample, endSample }) => ({
        startSample: Math.max(from, startSample),
        endSample: Math.min(to, endSample),
      }))
      .filter(({ startSample, endSample }) => endSample - startSample >= MIN_SEGMENTED_SAMPLES);
  }
}

/** Stretches of [from, to) that the windows tell. */
function toldWithin(windows: readonly Telling[], from: number, to: number): SpeechStretch[] {
  const first = Math.floor(from / GRID_SAMPLES);
  const stretches: SpeechStretch[] = [];
  for (const [i, share] of sharesOf(windows, first, Math.ceil(to / GRID_SAMPLES) - first).entries()) {
    if (share <= TOLD_SHARE) continue;
    stretches.push({
      startSample: Math.max(from, (first + i) * GRID_SAMPLES),
      endSample: Math.min(to, (first + i + 1) * GRID_SAMPLES),
    });
  }
  return joined(stretches).filter(
    ({ startSample, endSample }) => endSample - startSample >= MIN_TOLD_SAMPLES,
  );
}

/** The estimate in each of `count` pieces of the grid, from the piece `first` on; 0 where nothing is known. */
function sharesOf(windows: readonly Telling[], first: number, count: number): Float64Array {
  const sums = new Float64Array(count);
  const weights = new Float64Array(count);
  for (const { startSample, endSample, overlap } of windows) {
    const half = (endSample - startSample) / 2;
    const middle = startSample + half;
    const begin = Math.max(0, Math.floor(startSample / GRID_SAMPLES) - first);
    const end = Math.min(count, Math.ceil(endSample / GRID_SAMPLES) - first);
    for (let i = begin; i < end; i++) {
      const weight = 1 - Math.abs((first + i + 0.5) * GRID_SAMPLES - middle) / half;
      if (weight <= 0) continue;
      sums[i]! += weight * overlap;
      weights[i]! += weight;
    }
  }
  return sums.map((sum, i) => (weights[i]! > 0 ? sum / weights[i]! : 0));
}

/** Windows count by how much of them is inside, and how much of that is two voices, where they tell. */
function directionOf(windows: readonly Window[], stretch: SpeechStretch): Float32Array {
  const sum = new Float32Array(windows[0]!.embedding.length);
  for (const { startSample, endSample, overlap, embedding } of windows) {
    const inside = Math.min(endSample, stretch.endSample) - Math.max(startSample, stretch.startSample);
    if (inside > 0) addScaled(sum, embedding, inside * (overlap ?? 1));
  }
  return unit(sum);
}
