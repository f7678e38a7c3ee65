import { join } from 'node:path';
import { castFrom } from './cast.js';
import type { AcceptPart } from './context.js';
import { listenLong } from './listen-long.js';
import { converse } from './speech.js';

/** Three hours may not need more memory than this; the same file's first ten minutes are printed beside. */
const MAX_GROWTH_MIB = 64;

/** Peak memory and real-time factor on a long recording, made by repeating a 5-minute conversation. */
export const endurance: AcceptPart = async ({ audio, hours, scratch }) => {
  const cast = castFrom(audio);
  const { samples } = await converse(cast.utterances, { seconds: 300, seed: 3 });
  const enroll = cast.enroll.slice(0, 8);
  const short = await listenLong(() => samples, 600, join(scratch, 'short.wav'), enroll);
  const long = await listenLong(() => samples, hours * 3600, join(scratch, 'long.wav'), enroll);
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
