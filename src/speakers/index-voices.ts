import type { NativeVectorIndex } from '../native/addon.js';
import { loadAddon } from '../native/load-addon.js';
import type { MakeVoiceIndex, VoiceIndex } from './voice-index.js';

/** Centroids copied into native memory at a time. */
const BLOCK = 4096;

/** A native index, and the vectors that it was made of. */
class NativeVoiceIndex implements VoiceIndex {
  readonly #centroids: readonly Float32Array[];
  readonly #native: NativeVectorIndex;

  constructor(centroids: readonly Float32Array[]) {
    this.#centroids = centroids;
    const dimension = centroids[0]!.length;
    this.#native = loadAddon().createVectorIndex(dimension);
    for (let first = 0; first < centroids.length; first += BLOCK) {
      const block = centroids.slice(first, first + BLOCK);
      const vectors = new Float32Array(block.length * dimension);
      for (const [i, centroid] of block.entries()) vectors.set(centroid, i * dimension);
      this.#native.add(vectors);
    }
  }

  nearest(embedding: Float32Array, count: number): readonly number[] {
    return Array.from(this.#native.search(embedding, count, 0).slots);
  }

  isOf(centroids: readonly Float32Array[]): boolean {
    const own = this.#centroids;
    return own.length === centroids.length && own.every((centroid, i) => centroid === centroids[i]);
  }
}

/** The index last made of a list that begins with this vector, as long as a stream holds it. */
const made = new WeakMap<Float32Array, WeakRef<NativeVoiceIndex>>();

/**
 * The search of `SpeakerIndex` for a `Tracker` (`TrackerOptions.makeIndex`), as `identify` uses it: exact up to 10,000
 * enrolled speakers, by codes beyond. Streams with the same profiles, the very same objects, share one index, which is
 * freed with the last of them; so a profile's vector is not to be changed in place.
 */
export const indexVoices: MakeVoiceIndex = (centroids) => {
  const first = centroids[0]!;
  const before = made.get(first)?.deref();
  if (before?.isOf(centroids) === true) return before;
  const index = new NativeVoiceIndex(centroids);
  made.set(first, new WeakRef(index));
  return index;
};
