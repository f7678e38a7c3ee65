import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from 'whospeaks';
import { castFrom } from './cast.js';
import type { AcceptPart } from './context.js';
import { listen } from './listen.js';
import { pcm16, wavHeader } from '../../src/evaluate/simulate/wav.js';
import { converse } from './speech.js';

/** Three hours may not need more memory than this; the same file's first ten minutes are printed beside. */
const MAX_GROWTH_MIB = 64;

/** Peak memory and real-time factor on a long recording, made by repeating a 5-minute conversation. */
export const endurance: AcceptPart = async ({ audio, hours, scratch }) => {
  const cast = castFrom(audio);
  const { samples } = await converse(cast.utterances, { seconds: 300, seed: 3 });
  const enroll = cast.enroll.slice(0, 8);
  const short = await measure(samples, 600, join(scratch, 'short.wav'), enroll);
  const long = await measure(samples, hours * 3600, join(scratch, 'long.wav'), enroll);
  console.log(
    '| recording | peak memory | time | real-time factor | times real time |\n|---|---|---|---|---|',
  );
  for (const { seconds, peakMiB, wallSeconds } of [short, long]) {
    const factor = wallSeconds / seconds;
    console.log(
      `| ${(seconds / 60).toFixed(0)} min | ${peakMiB.toFixed(0)} MiB | ${wallSeconds.toFixed(1)} s | ${factor.toFixed(5)} | ${(1 / factor).toFixed(0)} |`,
    );
  }
  const growth = long.peakMiB - short.peakMiB;
  return growth > MAX_GROWTH_MIB
    ? `memory grew by ${growth.toFixed(0)} MiB from the short file to the long one`
    : undefined;
};

async function measure(samples: Float32Array, seconds: number, path: string, enroll: readonly string[]) {
  const total = Math.round(seconds * SAMPLE_RATE_HZ);
  const file = createWriteStream(path);
  file.write(wavHeader(total));
  const pcm = pcm16(samples);
  for (let at = 0; at < total; at += samples.length) {
    const rest = Math.min(samples.length, total - at);
    if (!file.write(pcm.subarray(0, 2 * rest))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  const { peakMiB, wallSeconds, events } = await listen([path, ...enroll]).done;
  const end = events.at(-1);
  if (end?.type !== 'end' || Math.abs(end.endSample - total) > SAMPLE_RATE_HZ)
    throw new Error(`listen did not reach the end of ${path}`);
  return { seconds, peakMiB, wallSeconds };
}
