import { join } from 'node:path';
import { fromFile, readAll, UNKNOWN, isUnknownLabel } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { Random } from 'whospeaks/evaluate';
import { recordingsIn } from '../../src/cli/voice-folders.js';
import { background } from '../../src/evaluate/simulate/noise.js';
import { castFrom } from './cast.js';
import type { AcceptPart } from './context.js';
import { listenLong } from './listen-long.js';

const BLOCK_SECONDS = 600;
const LEVEL = 0.03;

/** Hours of real noise, in which nobody speaks: what is told all the same; nobody may be named or minted. */
export const noise: AcceptPart = async ({ audio, hours, scratch }) => {
  const clips: Float32Array[] = [];
  for (const file of recordingsIn(join(audio, 'noise'))) clips.push(await readAll(fromFile(file)));
  const sound = (block: number): Float32Array =>
    background(clips, BLOCK_SECONDS * SAMPLE_RATE_HZ, new Random(block + 1)).map((x) => LEVEL * x);
  const faults: string[] = [];
  console.log(`${hours} h of ${clips.length} clips of noise in random order`);
  for (const enroll of [castFrom(audio).enroll, []]) {
    const { events, peakMiB } = await listenLong(sound, hours * 3600, join(scratch, 'noise.wav'), enroll);
    const finals = events.filter((event) => event.type === 'final');
    const known = events.filter(
      (event) => (event.type === 'final' || event.type === 'correction') && event.known,
    );
    const labels = events.flatMap((event) => ('speaker' in event ? [event.speaker] : []));
    const minted = new Set(labels.filter((label) => isUnknownLabel(label) && label !== UNKNOWN));
    const told = finals.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
    const share = told / SAMPLE_RATE_HZ / (hours * 3600);
    console.log(`\n${enroll.length / 2} enrolled:`);
    console.log(`told as turns: ${(100 * share).toFixed(1)} % of the time, ${finals.length} of them`);
    console.log(`under an enrolled name: ${known.length} turns; unknown voices minted: ${minted.size}`);
    console.log(`peak memory: ${peakMiB.toFixed(0)} MiB`);
    if (known.length + minted.size > 0) faults.push(`with ${enroll.length / 2} enrolled`);
  }
  return faults.length > 0
    ? `noise was given a name or a voice of its own ${faults.join(' and ')}`
    : undefined;
};
