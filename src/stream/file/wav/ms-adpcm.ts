import { clamp16, type AdpcmFormat } from './adpcm.js';

/** Microsoft ADPCM (Multimedia Data Standards Update, 1994): how a code scales the step, in 256ths. */
const ADAPTATION = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const LEAST_STEP = 16;
/** A step never needs to be more; hostile files would make it grow without end. */
const MOST_STEP = 2 ** 24;
/** Head of a block for a channel: number of its predictor, step, two samples. */
const HEAD_BYTES = 7;
/** Predictors of the two samples before, in 256ths, where the file names none. */
const STANDARD = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
] as const;

type Predictor = readonly [number, number];

/** @param predictors as the file has them; null for the standard ones */
export function msAdpcm(
  channels: number,
  blockBytes: number,
  predictors: readonly Predictor[] | null,
): AdpcmFormat {
  const headBytes = HEAD_BYTES * channels;
  const known = predictors ?? STANDARD;
  return {
    channels,
    blockBytes,
    headBytes,
    samplesIn: (bytes) => 2 + Math.floor(((bytes - headBytes) * 2) / channels),
    decode: (block, outputs) => {
      const view = new DataView(block.buffer, block.byteOffset, block.length);
      outputs.forEach((output, c) => {
        decodeChannel(view, c, channels, known, output);
      });
    },
  };
}

/** In a block all channels' predictors come first, then all their steps, and so on; codes take turns. */
function decodeChannel(
  view: DataView,
  channel: number,
  channels: number,
  predictors: readonly Predictor[],
  output: Float32Array,
): void {
  const word = (place: number): number => view.getInt16(channels + 2 * (place * channels + channel), true);
  const [first, second] = predictors[view.getUint8(channel)] ?? predictors[0]!;
  let step = word(0);
  let last = word(1);
  let before = word(2);
  output[0] = before / 32_768;
  output[1] = last / 32_768;
  for (let i = 2; i < output.length; i++) {
    const nibble = (i - 2) * channels + channel;
    const byte = view.getUint8(HEAD_BYTES * channels + (nibble >> 1));
    const code = (nibble & 1) === 0 ? byte >> 4 : byte & 15;
    const predicted = Math.trunc((last * first + before * second) / 256);
    const sample = clamp16(predicted + (code & 8 ? code - 16 : code) * step);
    step = Math.min(MOST_STEP, Math.max(LEAST_STEP, (ADAPTATION[code]! * step) >> 8));
    before = last;
    last = sample;
    output[i] = sample / 32_768;
  }
}
