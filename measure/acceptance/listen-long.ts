import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { pcm16, wavHeader } from '../../src/evaluate/simulate/wav.js';
import { listen, type Listened } from './listen.js';

/** `listen` on blocks of sound, one after the other until `seconds` are full, by way of a file at `path`, which is removed. */
export async function listenLong(
  block: (index: number) => Float32Array,
  seconds: number,
  path: string,
  enroll: readonly string[],
): Promise<Listened & { readonly seconds: number }> {
  const total = Math.round(seconds * SAMPLE_RATE_HZ);
  const file = createWriteStream(path);
  file.write(wavHeader(total));
  for (let at = 0, index = 0; at < total; index++) {
    const samples = block(index).subarray(0, total - at);
    if (!file.write(pcm16(samples))) await once(file, 'drain');
    at += samples.length;
  }
  file.end();
  await once(file, 'finish');
  try {
    const listened = await listen([path, ...enroll]).done;
    const end = listened.events.at(-1);
    if (end?.type !== 'end' || Math.abs(end.endSample - total) > SAMPLE_RATE_HZ)
      throw new Error(`listen did not reach the end of ${path}`);
    return { seconds, ...listened };
  } finally {
    rmSync(path);
  }
}
