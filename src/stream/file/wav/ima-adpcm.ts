import { clamp16, type AdpcmFormat } from './adpcm.js';

/** IMA ADPCM (IMA Digital Audio Focus Group, 1992): how a code moves the index into the table of steps. */
const INDEX_MOVES = [-1, -1, -1, -1, 2, 4, 6, 8];
const MAX_INDEX = 88;
/** Each step is about a tenth more than the one before. */
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
];
/** Head of a block for a channel: its first sample, the index, a byte of nothing. */
const HEAD_BYTES = 4;
/** After the heads the channels take turns with words of 8 samples. */
const WORD_BYTES = 4;
const WORD_SAMPLES = 8;

export function imaAdpcm(channels: number, blockBytes: number): AdpcmFormat {
  const headBytes = HEAD_BYTES * channels;
  return {
    channels,
    blockBytes,
    headBytes,
    samplesIn: (bytes) => 1 + WORD_SAMPLES * Math.floor((bytes - headBytes) / (WORD_BYTES * channels)),
    decode: (block, outputs) => {
      const view = new DataView(block.buffer, block.byteOffset, block.length);
      outputs.forEach((output, c) => {
        decodeChannel(view, HEAD_BYTES * c, WORD_BYTES * channels, headBytes + WORD_BYTES * c, output);
      });
    },
  };
}

function decodeChannel(
  view: DataView,
  head: number,
  stride: number,
  firstWord: number,
  output: Float32Array,
): void {
  let sample = view.getInt16(head, true);
  let index = Math.min(MAX_INDEX, view.getUint8(head + 2));
  output[0] = sample / 32_768;
  for (let i = 1; i < output.length; i++) {
    const nibble = (i - 1) % WORD_SAMPLES;
    const byte = view.getUint8(firstWord + Math.floor((i - 1) / WORD_SAMPLES) * stride + (nibble >> 1));
    const code = (nibble & 1) === 0 ? byte & 15 : byte >> 4;
    const step = STEPS[index]!;
    const size =
      (step >> 3) + (code & 4 ? step : 0) + (code & 2 ? step >> 1 : 0) + (code & 1 ? step >> 2 : 0);
    sample = clamp16(code & 8 ? sample - size : sample + size);
    index = Math.max(0, Math.min(MAX_INDEX, index + INDEX_MOVES[code & 7]!));
    output[i] = sample / 32_768;
  }
}
