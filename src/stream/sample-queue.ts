import { SAMPLE_RATE_HZ, type AudioChunk } from './types.js';

/** Pieces in which audio is handed out at the most, so that no stream holds the event loop for long. */
const BLOCK_SAMPLES = SAMPLE_RATE_HZ / 4;

interface Block {
  readonly startSample: number;
  samples: Float32Array;
  /** The queue starts here … */
  from: number;
  /** … to here. */
  to: number;
}

/**
 * Audio that waits, in blocks however small the pieces were. At its bound the oldest samples are dropped and
 * counted; without a bound, the writer must limit it.
 */
export class SampleQueue {
  readonly #maxSamples: number;
  #blocks: Block[] = [];
  #queued = 0;
  #dropped = 0;

  constructor(maxSamples: number) {
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
      const take = Math.min(samples.length - at, BLOCK_SAMPLES - block.to);
      grow(block, block.to + take);
      block.samples.set(samples.subarray(at, at + take), block.to);
      block.to += take;
      at += take;
      this.#queued += take;
      this.#dropBeyond(this.#maxSamples);
    }
  }

  /** The oldest block, or null where nothing waits. */
  take(): AudioChunk | null {
    const block = this.#blocks.shift();
    if (block === undefined) return null;
    const { startSample, samples, from, to } = block;
    this.#queued -= to - from;
    return { startSample: startSample + from, samples: samples.subarray(from, to) };
  }

  clear(): void {
    this.#blocks = [];
    this.#queued = 0;
  }

  #dropBeyond(most: number): void {
    while (this.#queued > most) {
      const oldest = this.#blocks[0]!;
      const excess = Math.min(this.#queued - most, oldest.to - oldest.from);
      oldest.from += excess;
      if (oldest.from === oldest.to) this.#blocks.shift();
      this.#queued -= excess;
      this.#dropped += excess;
    }
  }

  /** The last block, where audio from `startSample` on continues it. */
  #openBlock(startSample: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.to < BLOCK_SAMPLES && last.startSample + last.to === startSample)
      return last;
    const block = { startSample, samples: new Float32Array(0), from: 0, to: 0 };
    this.#blocks.push(block);
    return block;
  }
}

/** Room for `needed` samples, by doubling: a block that is taken early costs what it holds. */
function grow(block: Block, needed: number): void {
  if (needed <= block.samples.length) return;
  const samples = new Float32Array(Math.min(BLOCK_SAMPLES, Math.max(needed, block.samples.length * 2)));
  samples.set(block.samples.subarray(0, block.to));
  block.samples = samples;
}
