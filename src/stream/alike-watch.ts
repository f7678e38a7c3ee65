import { concatMap, defer, EMPTY, of, type OperatorFunction } from 'rxjs';
import { Checkpoint } from '../stateful.js';
import { SAMPLE_RATE_HZ } from './geometry.js';
import type { AudioChunk } from './types.js';

/** Sound after which channels that never differed are taken for one. */
const HEARD_SAMPLES = 3 * SAMPLE_RATE_HZ;
/** A tenth of a second that is not silent (-60 dB) counts. */
const WINDOW_SAMPLES = SAMPLE_RATE_HZ / 10;
const LEAST_POWER = 1e-6;
/** Power of the difference over that of the sound, below which channels are alike (-30 dB): codecs leave less. */
const UNLIKE_SHARE = 0.001;

/** Channels that are kept apart and are one; one of the events that `identify` tells. */
export interface AlikeWarning {
  readonly type: 'warning';
  readonly code: 'channels-alike';
  readonly startSample: number;
  readonly message: string;
}

const MESSAGE =
  'the channels are alike: one sound was recorded on all of them, and is told on the first alone; mix them to hear it as one';

/** Notices channels that are one and the same sound, once. */
export class AlikeWatch {
  #heard = 0;
  #isOver = false;
  #filled = 0;
  #power = 0;
  #difference = 0;

  /** True at the chunk that makes it sure. */
  push({ channels }: AudioChunk): boolean {
    if (channels === undefined) return false;
    const [first, ...others] = channels;
    for (let i = 0; i < first!.length && !this.#isOver; i++) {
      const sample = first![i]!;
      this.#power += sample * sample;
      for (const other of others) this.#difference += (other[i]! - sample) ** 2;
      if (++this.#filled === WINDOW_SAMPLES && this.#isSure()) return true;
    }
    return false;
  }

  save(): Record<'heard' | 'filled' | 'power' | 'difference', number> & { isOver: boolean } {
    return {
      heard: this.#heard,
      isOver: this.#isOver,
      filled: this.#filled,
      power: this.#power,
      difference: this.#difference,
    };
  }

  load({ heard, isOver, filled, power, difference }: ReturnType<AlikeWatch['save']>): void {
    this.#heard = heard;
    this.#isOver = isOver;
    this.#filled = filled;
    this.#power = power;
    this.#difference = difference;
  }

  /** At the end of a window: whether the channels are one. */
  #isSure(): boolean {
    const least = LEAST_POWER * WINDOW_SAMPLES;
    const isUnlike = this.#difference > UNLIKE_SHARE * Math.max(this.#power, least);
    if (this.#power > least) this.#heard += WINDOW_SAMPLES;
    const isSure = !isUnlike && this.#heard >= HEARD_SAMPLES;
    this.#isOver ||= isUnlike || isSure;
    this.#filled = this.#power = this.#difference = 0;
    return isSure;
  }
}

/** Audio to a warning where its channels are one. */
export function alikeWarnings(checkpoint = new Checkpoint()): OperatorFunction<AudioChunk, AlikeWarning> {
  return (audio) =>
    defer(() => {
      const watch = checkpoint.add('alike', new AlikeWatch());
      return audio.pipe(
        concatMap((chunk) =>
          watch.push(chunk)
            ? of({ type: 'warning', code: 'channels-alike', startSample: 0, message: MESSAGE } as const)
            : EMPTY,
        ),
      );
    });
}
