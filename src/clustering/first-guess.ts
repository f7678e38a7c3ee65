import { addScaled, dot, unit } from '../vectors.js';
import { Dendrogram } from './agglomerate.js';
import { BLOCK, type Breather } from './breather.js';
import type { LocalVoice } from './recording-listener.js';
import type { DiarizationSettings } from './settings.js';

/** Average-linkage clusters of an even choice of the voices; each other voice goes to the nearest cluster. */
export class FirstGuess {
  private constructor(
    private readonly voices: readonly LocalVoice[],
    private readonly chosen: readonly Float32Array[],
    private readonly dendrogram: Dendrogram,
    private readonly breather: Breather,
  ) {}

  static async of(
    voices: readonly LocalVoice[],
    { maxInitial }: DiarizationSettings,
    breather: Breather,
  ): Promise<FirstGuess> {
    const count = Math.min(voices.length, maxInitial);
    const chosen = Array.from(
      { length: count },
      (_, i) => voices[Math.floor(((i + 0.5) * voices.length) / count)]!.embedding,
    );
    return new FirstGuess(voices, chosen, await Dendrogram.of(chosen, breather), breather);
  }

  atDistance(distance: number): Promise<Int32Array> {
    return this.#all(this.dendrogram.atDistance(distance));
  }

  ofCount(count: number): Promise<Int32Array> {
    return this.#all(this.dendrogram.ofCount(count));
  }

  async #all(labels: Int32Array): Promise<Int32Array> {
    if (this.chosen.length === this.voices.length) return labels;
    const sums = Array.from({ length: countOf(labels) }, () => new Float32Array(this.chosen[0]!.length));
    this.chosen.forEach((embedding, i) => {
      addScaled(sums[labels[i]!]!, embedding, 1);
    });
    const centres = sums.map(unit);
    const nearest = new Int32Array(this.voices.length);
    for (const [t, { embedding }] of this.voices.entries()) {
      if (t % BLOCK === 0 && this.breather.isDue) await this.breather.breathe();
      const cosines = centres.map((centre) => dot(centre, embedding));
      nearest[t] = cosines.indexOf(Math.max(...cosines));
    }
    return nearest;
  }
}

/** How many clusters the labels are of. */
export function countOf(labels: Int32Array): number {
  return labels.reduce((most, label) => Math.max(most, label + 1), 0);
}
