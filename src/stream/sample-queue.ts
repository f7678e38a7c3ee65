import { SAMPLE_RATE_HZ, type AudioChunk } from './types.js';

/** Pieces in which audio is handed out at the most, so that no stream holds the event loop for long. */
const BLOCK_SAMPLES = SAMPLE_RATE_HZ / 4;

interface Block {
  readonly startSample: number;
  /** The chunk's samples, then those of each of its channels. */
  planes: Float32Array[];
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

  push({ startSample, samples, channels = [] }: AudioChunk): void {
    const planes = [samples, ...channels];
    let at = 0;
    while (at < samples.length) {
      const block = this.#openBlock(startSample + at, planes.length);
      const take = Math.min(samples.length - at, BLOCK_SAMPLES - block.to);
      grow(block, block.to + take);
      for (const [i, plane] of planes.entries()) {
        block.planes[i]!.set(plane.subarray(at, at + take), block.to);
      }
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
    const { startSample, from, to } = block;
    this.#queued -= to - from;
    const [samples, ...channels] = block.planes.map((plane) => plane.subarray(from, to));
    return {
      startSample: startSample + from,
      samples: samples!,
      ...(channels.length === 0 ? {} : { channels }),
    };
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
  #openBlock(startSample: number, planes: number): Block {
    const last = this.#blocks.at(-1);
    if (
      last?.planes.length === planes &&
      last.to < BLOCK_SAMPLES &&
      last.startSample + last.to === startSample
    )
      return last;
    const block = {
      startSample,
      planes: Array.from({ length: planes }, () => new Float32Array(0)),
      from: 0,
      to: 0,
    };
    this.#blocks.push(block);
    return block;
  }
}

/** Room for `needed` samples, by doubling: a block that is taken early costs what it holds. */
function grow(block: Block, needed: number): void {
  const room = block.planes[0]!.length;
  if (needed <= room) return;
  const length = Math.min(BLOCK_SAMPLES, Math.max(needed, room * 2));
  block.planes = block.planes.map((plane) => {
    const larger = new Float32Array(length);
    larger.set(plane.subarray(0, block.to));
    return larger;
  });
}
