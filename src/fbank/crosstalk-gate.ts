import { SHIFT_SAMPLES } from '../stream/geometry.js';
import { Correlator } from './correlator.js';
import { HELD } from './speech-gate.js';
import type { FeatureBlock } from './types.js';

/** Chosen, and measured, with `npm run accuracy -- --channels`. */
export const CROSSTALK = {
  /**
   * Share of a channel's power that another one must explain. Two voices that talk at once explain 1 % of each other by chance;
   * of a voice that leaks with the echoes of a room, its direct sound explains a quarter.
   */
  explainedShare: 0.1,
  /**
   * What stays unexplained, over the power of the other channel (-9 dB): echoes and noise lie below, a voice of the channel's own
   * above. More: voices that leak at -9 to -6 dB are taken out too, and more of the own speech is lost where two talk at once.
   */
  unexplained: 0.126,
  /** Power ratio from which a channel is the louder one of two that share a sound (3 dB); within it, the one before stays. */
  louder: 2,
} as const;

interface CrosstalkState {
  readonly pairs: readonly (readonly (ReturnType<Correlator['save']> | null)[])[];
  readonly keepers: readonly (readonly number[])[];
  readonly isLeak: readonly boolean[];
  readonly nextSample: number;
}

/** The gate of a stream that may prove to have channels. */
export class LazyCrosstalkGate {
  #gate: CrosstalkGate | undefined;

  push(blocks: readonly FeatureBlock[]): FeatureBlock[] {
    this.#gate ??= new CrosstalkGate(blocks.length);
    return this.#gate.push(blocks);
  }

  save(): unknown {
    return this.#gate?.save() ?? null;
  }

  load(state: unknown): void {
    if (state === null) return;
    this.#gate = new CrosstalkGate((state as CrosstalkState).pairs.length);
    this.#gate.load(state);
  }
}

/**
 * Takes a voice that several channels hear for speech on the loudest of them alone. For each pair of channels it follows which
 * share of the power of the one is the other's sound, scaled and some time later (`Correlator`). A frame that a louder channel
 * explains, and that has little else in it, is no speech of this one. Who talks at the same time is not explained, and stays.
 *
 * Pure and incremental: the flags of a frame depend on it and earlier ones.
 */
export class CrosstalkGate {
  /** By listening channel, then by the other. */
  readonly #pairs: readonly (readonly (Correlator | null)[])[];
  /** The channel that last kept the sound that two share. */
  readonly #keepers: number[][];
  readonly #isLeak: boolean[];
  #nextSample = 0;

  constructor(channels: number) {
    const each = Array.from({ length: channels }, (_, i) => i);
    this.#pairs = each.map((j) => each.map((i) => (i === j ? null : new Correlator())));
    this.#keepers = each.map((j) => each.map((i) => Math.min(i, j)));
    this.#isLeak = each.map(() => false);
  }

  /** @param blocks of the same frames, one of each channel, in order */
  push<Block extends Pick<FeatureBlock, 'startSample' | 'count' | 'speech' | 'samples'>>(
    blocks: readonly Block[],
  ): Block[] {
    const { startSample, count } = blocks[0]!;
    if (startSample !== this.#nextSample) this.#reset();
    this.#nextSample = startSample + count * SHIFT_SAMPLES;
    const speech = blocks.map((block) => block.speech.slice());
    for (let frame = 0; frame < count; frame++) {
      const sounds = blocks.map(({ samples }) =>
        samples!.subarray(frame * SHIFT_SAMPLES, (frame + 1) * SHIFT_SAMPLES),
      );
      for (const [j, row] of this.#pairs.entries()) {
        for (const [i, pair] of row.entries()) pair?.push(sounds[j]!, sounds[i]!);
      }
      for (const [j, flags] of speech.entries()) {
        if (flags[frame] === 0) this.#isLeak[j] = false;
        else {
          // What is held open behind speech is of its channel.
          if (flags[frame] !== HELD) this.#isLeak[j] = this.#isExplained(j);
          if (this.#isLeak[j]) flags[frame] = 0;
        }
      }
    }
    return blocks.map((block, j) => ({ ...block, speech: speech[j]! }));
  }

  save(): unknown {
    const state: CrosstalkState = {
      pairs: this.#pairs.map((row) => row.map((pair) => pair?.save() ?? null)),
      keepers: this.#keepers,
      isLeak: this.#isLeak,
      nextSample: this.#nextSample,
    };
    return state;
  }

  load(state: unknown): void {
    const { pairs, keepers, isLeak, nextSample } = state as CrosstalkState;
    for (const [j, row] of this.#pairs.entries()) {
      for (const [i, pair] of row.entries()) pair?.load(pairs[j]![i]!);
      this.#keepers[j] = [...keepers[j]!];
      this.#isLeak[j] = isLeak[j]!;
    }
    this.#nextSample = nextSample;
  }

  #isExplained(j: number): boolean {
    return this.#pairs[j]!.some((pair, i) => {
      if (pair === null) return false;
      const { share, ratio } = pair.explained();
      if (share < CROSSTALK.explainedShare || 1 - share > CROSSTALK.unexplained * ratio) return false;
      const keepers = this.#keepers;
      if (ratio > CROSSTALK.louder) keepers[j]![i] = keepers[i]![j] = i;
      else if (ratio < 1 / CROSSTALK.louder) keepers[j]![i] = keepers[i]![j] = j;
      return keepers[j]![i] === i;
    });
  }

  #reset(): void {
    for (const row of this.#pairs) for (const pair of row) pair?.reset();
    this.#isLeak.fill(false);
  }
}
