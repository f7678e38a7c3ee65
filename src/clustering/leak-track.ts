import { CrosstalkGate } from '../fbank/crosstalk-gate.js';
import { SPEECH } from '../fbank/speech-gate.js';
import { SHIFT_SAMPLES } from '../stream/geometry.js';
import { Rows } from './rows.js';

/** Where each of several channels has no voice but one that leaks in from a louder one: see `CrosstalkGate`. */
export class LeakTrack {
  readonly #gate: CrosstalkGate;
  /** Samples that fill no frame yet. */
  readonly #rest: Rows[];
  /** By channel, one a frame of 10 ms: 1 where a voice is a leak. */
  readonly #leaks: Rows[];

  constructor(channels: number) {
    this.#gate = new CrosstalkGate(channels);
    this.#rest = Array.from({ length: channels }, () => new Rows(1));
    this.#leaks = Array.from({ length: channels }, () => new Rows(1));
  }

  /** @param sounds the next samples of every channel; a channel that has ended gives none, and is silent */
  push(sounds: readonly Float32Array[]): void {
    const size = Math.max(...sounds.map(({ length }) => length));
    for (const [i, rest] of this.#rest.entries()) {
      rest.append(sounds[i]!);
      rest.appendZeros(size - sounds[i]!.length);
    }
    const { start, end } = this.#rest[0]!;
    const count = Math.floor((end - start) / SHIFT_SAMPLES);
    const to = start + count * SHIFT_SAMPLES;
    const blocks = this.#rest.map((rest) => ({
      startSample: start,
      count,
      samples: rest.slice(start, to),
      speech: new Uint8Array(count).fill(SPEECH),
    }));
    for (const rest of this.#rest) rest.dropBefore(to);
    for (const [i, { speech }] of this.#gate.push(blocks).entries()) {
      this.#leaks[i]!.append(Float32Array.from(speech, (flag) => Number(flag === 0)));
    }
  }

  /** Whether the voice at a sample of a channel is a leak; of what has not come, none is. */
  isLeak(channel: number, sample: number): boolean {
    const leaks = this.#leaks[channel]!;
    const frame = Math.floor(sample / SHIFT_SAMPLES);
    return frame < leaks.end && leaks.slice(frame, frame + 1)[0] === 1;
  }

  /** Nobody asks for what comes before. */
  dropBefore(channel: number, sample: number): void {
    this.#leaks[channel]!.dropBefore(Math.floor(sample / SHIFT_SAMPLES));
  }
}
