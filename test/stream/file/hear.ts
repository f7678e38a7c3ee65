import { fromBytes } from '../../../src/stream/file/from-file.js';

const RATE_HZ = 16_000;

export interface Heard {
  readonly samples: Float32Array;
  /** Stretches of sound, s. */
  readonly runs: [number, number][];
  readonly durationSamples: number | undefined;
  readonly error: unknown;
}

/** What a recording of at most 6 s holds, and where. */
export async function hear(bytes: Uint8Array): Promise<Heard> {
  const samples = new Float32Array(6 * RATE_HZ);
  const runs: [number, number][] = [];
  const source = fromBytes(bytes, 'recording');
  let error: unknown = null;
  try {
    for await (const chunk of source) {
      const [from, to] = [chunk.startSample / RATE_HZ, (chunk.startSample + chunk.samples.length) / RATE_HZ];
      if (runs.at(-1)?.[1] === from) runs.at(-1)![1] = to;
      else runs.push([from, to]);
      samples.set(chunk.samples, chunk.startSample);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { samples, runs, durationSamples: source.durationSamples, error };
}
