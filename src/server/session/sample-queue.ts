import type { AudioChunk } from '../../stream/index.js';

interface Block {
  readonly startSample: number;
  samples: Float32Array;
  filled: number;
}

/**
 * Audio that waits, gathered into blocks however small the pieces were in which it came. At its bound the
 * oldest block is dropped and counted; without a bound, whoever pushes must see to it.
 */
export class SampleQueue {
  readonly #blockSamples: number;
  readonly #maxSamples: number;
  #blocks: Block[] = [];
  #queued = 0;
  #dropped = 0;

  constructor(blockSamples: number, maxSamples: number) {
    this.#blockSamples = blockSamples;
    this.#maxSamples = maxSamples;
  }

  get queuedSamples(): number {
    return this.#queued;
  }

  get droppedSamples(): number {
    return this.#dropped;
  }

  push({ startSample, samples }: AudioChunk): void {
    let at = 0;
    while (at < samples.length) {
      const block = this.#openBlock(startSample + at);
      const take = Math.min(samples.length - at, this.#blockSamples - block.filled);
      grow(block, block.filled + take, this.#blockSamples);
      block.samples.set(samples.subarray(at, at + take), block.filled);
      block.filled += take;
      at += take;
      this.#queued += take;
    }
    while (this.#queued > this.#maxSamples && this.#blocks.length > 1) {
      const { filled } = this.#blocks.shift()!;
      this.#queued -= filled;
      this.#dropped += filled;
    }
  }

  /** The oldest block, or null where nothing waits. */
  take(): AudioChunk | null {
    const block = this.#blocks.shift();
    if (block === undefined) return null;
    this.#queued -= block.filled;
    return { startSample: block.startSample, samples: block.samples.subarray(0, block.filled) };
  }

  clear(): void {
    this.#blocks = [];
    this.#queued = 0;
  }

  /** The last block, where audio from `startSample` on continues it. */
  #openBlock(startSample: number): Block {
    const last = this.#blocks.at(-1);
    if (
      last !== undefined &&
      last.filled < this.#blockSamples &&
      last.startSample + last.filled === startSample
    ) {
      return last;
    }
    const block = { startSample, samples: new Float32Array(0), filled: 0 };
    this.#blocks.push(block);
    return block;
  }
}

/** Room for `needed` samples, by doubling: a block that is taken early costs what it holds. */
function grow(block: Block, needed: number, most: number): void {
  if (needed <= block.samples.length) return;
  const samples = new Float32Array(Math.min(most, Math.max(needed, block.samples.length * 2)));
  samples.set(block.samples.subarray(0, block.filled));
  block.samples = samples;
}
