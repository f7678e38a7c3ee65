import { AudioBuffer } from '../../stream/audio-buffer.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import type { SoundBlock, SoundSource } from '../sound-source.js';

/** Sound that waits for the worker at most, seconds; beyond it the oldest is dropped. */
const BUFFER_SECONDS = 30;

/** Live sound, mono at 16 kHz, pushed as it comes. */
export class PushedSource implements SoundSource {
  readonly live = true;
  readonly #buffer = new AudioBuffer({ maxSamples: BUFFER_SECONDS * SAMPLE_RATE_HZ });
  #pushed = 0;
  #given = 0;

  get pushedSeconds(): number {
    return this.#pushed / SAMPLE_RATE_HZ;
  }

  get waitingSeconds(): number {
    return this.#buffer.queuedSamples / SAMPLE_RATE_HZ;
  }

  get droppedSeconds(): number {
    return this.#buffer.droppedSamples / SAMPLE_RATE_HZ;
  }

  push(samples: Float32Array): void {
    this.#buffer.push({ startSample: this.#pushed, samples });
    this.#pushed += samples.length;
  }

  end(): void {
    this.#buffer.end();
  }

  open(): AsyncIterable<SoundBlock> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#next(), return: () => this.#leave() }) };
  }

  async #next(): Promise<IteratorResult<SoundBlock, undefined>> {
    const { done, value } = await this.#buffer.next();
    if (done === true) return { done, value: undefined };
    const { startSample, samples } = value;
    const isHole = startSample !== this.#given;
    this.#given = startSample + samples.length;
    // A copy: what is handed over is taken away from here.
    const block = { rateHz: SAMPLE_RATE_HZ, planes: [samples.slice()] };
    return { done: false, value: isHole ? { ...block, atSeconds: startSample / SAMPLE_RATE_HZ } : block };
  }

  async #leave(): Promise<IteratorResult<SoundBlock, undefined>> {
    await this.#buffer.return();
    return { done: true, value: undefined };
  }
}
