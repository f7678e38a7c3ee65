import { DownMixer, type Channels } from '../../down-mix.js';

/** One block of ADPCM to samples of each channel. */
export interface AdpcmFormat {
  readonly channels: number;
  readonly blockBytes: number;
  /** Bytes at the beginning of a block that hold its first samples and the state of the predictor. */
  readonly headBytes: number;
  /** Samples of each channel in a block of so many bytes, which is at least its head. */
  readonly samplesIn: (bytes: number) => number;
  readonly decode: (block: Uint8Array, channels: readonly Float32Array[]) => void;
}

/** Blocks of ADPCM, cut anywhere, to float; the same interface as `PcmDecoder`. */
export class AdpcmDecoder {
  readonly #format: AdpcmFormat;
  readonly #mixer: DownMixer;
  #carry: Uint8Array = new Uint8Array(0);

  constructor(format: AdpcmFormat, wanted: Channels) {
    this.#mixer = new DownMixer(wanted);
    this.#format = format;
  }

  /** Bytes of a block that is not complete. */
  get pendingBytes(): number {
    return this.#carry.length;
  }

  push(bytes: Uint8Array): Float32Array[] {
    const input = Buffer.concat([this.#carry, bytes]);
    const { blockBytes } = this.#format;
    const whole = input.length - (input.length % blockBytes);
    this.#carry = input.subarray(whole);
    return this.#decode(input.subarray(0, whole));
  }

  /** The samples of a last block that is shorter than the others. */
  flush(): Float32Array[] {
    const rest = this.#carry;
    if (rest.length < this.#format.headBytes) return [];
    this.#carry = new Uint8Array(0);
    return this.#decode(rest);
  }

  #decode(bytes: Uint8Array): Float32Array[] {
    const { blockBytes, channels: count, samplesIn, decode } = this.#format;
    const blocks = Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, i) =>
      bytes.subarray(i * blockBytes, (i + 1) * blockBytes),
    );
    const total = blocks.reduce((sum, block) => sum + samplesIn(block.length), 0);
    const channels = Array.from({ length: count }, () => new Float32Array(total));
    let at = 0;
    for (const block of blocks) {
      const samples = samplesIn(block.length);
      decode(
        block,
        channels.map((channel) => channel.subarray(at, at + samples)),
      );
      at += samples;
    }
    return this.#mixer.planes(channels, total);
  }
}

export function clamp16(value: number): number {
  return value < -32_768 ? -32_768 : value > 32_767 ? 32_767 : value;
}
