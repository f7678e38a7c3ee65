import { PcmDecoder } from '../src/stream/pcm.js';

export type Law = 'mulaw' | 'alaw';

/** The value of each code, in order of value. */
const TABLES = Object.fromEntries(
  (['mulaw', 'alaw'] as const).map((law) => {
    const [values] = new PcmDecoder(law, 1).push(Uint8Array.from({ length: 256 }, (_, code) => code));
    const codes = [...values!].map((value, code) => ({ value, code }));
    return [law, codes.sort((a, b) => a.value - b.value)];
  }),
) as Record<Law, { value: number; code: number }[]>;

/** Samples of -1 to 1 as ITU-T G.711 has them: the nearest code of each. */
export function encodeG711(law: Law, samples: Float32Array): Buffer {
  const table = TABLES[law];
  return Buffer.from(
    samples.map((sample) => {
      let [low, high] = [0, table.length - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (table[middle]!.value <= sample) low = middle;
        else high = middle;
      }
      const nearest = sample - table[low]!.value <= table[high]!.value - sample ? low : high;
      return table[nearest]!.code;
    }),
  );
}
