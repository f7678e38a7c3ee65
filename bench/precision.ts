// What bf16 costs in accuracy: equal error rates of the bundled model in fp32 and in bf16 on the same crops of
// real speech, and how far their embeddings are apart.
//   tsx bench/precision.ts [--audio ../shared/audio] [--model FILE]
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { equalErrorRate } from '../src/evaluate/index.js';
import { cosineSimilarity, SpeakerModel } from '../src/native/index.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../src/stream/index.js';
import { record } from './results.js';

const { values } = parseArgs({
  options: { audio: { type: 'string', default: '../shared/audio' }, model: { type: 'string' } },
});
const LENGTHS_SECONDS = [1.5, 4, Infinity];
const MOST_FILES_A_SPEAKER = 10;

interface Crop {
  readonly speaker: string;
  readonly fp32: Float32Array;
  readonly bf16: Float32Array;
}

const fp32 = await SpeakerModel.fromPretrained(values.model, { engine: 'cpu' });
const bf16 = await SpeakerModel.fromPretrained(values.model, { engine: 'cpu', precision: 'bf16' }).catch(
  (error: unknown) => {
    // Not every processor has it.
    console.log(`Not measured: ${(error as Error).message}.`);
    process.exit(0);
  },
);

/** The middle of the recording. */
function crop(samples: Float32Array, seconds: number): Float32Array {
  const length = Math.min(samples.length, seconds * SAMPLE_RATE_HZ);
  const start = Math.floor((samples.length - length) / 2);
  return samples.subarray(start, start + length);
}

function rate(crops: readonly Crop[], precision: 'fp32' | 'bf16'): number {
  const targets: number[] = [];
  const impostors: number[] = [];
  crops.forEach((a, i) => {
    for (const b of crops.slice(i + 1)) {
      (a.speaker === b.speaker ? targets : impostors).push(cosineSimilarity(a[precision], b[precision]));
    }
  });
  return equalErrorRate({ targets, impostors }).rate;
}

let lost = 0;
console.log('| set | length | recordings | EER fp32 | EER bf16 | least cosine of the two |');
console.log('|---|---|---|---|---|---|');
for (const set of ['librispeech', 'speechocean']) {
  const crops = new Map(LENGTHS_SECONDS.map((seconds) => [seconds, [] as Crop[]]));
  const folder = join(values.audio, set);
  for (const speaker of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const files = readdirSync(join(folder, speaker.name)).filter((name) =>
      /\.(wav|flac|mp3|ogg|opus)$/.test(name),
    );
    for (const file of files.slice(0, MOST_FILES_A_SPEAKER)) {
      const samples = await readAll(fromFile(join(folder, speaker.name, file)));
      for (const seconds of LENGTHS_SECONDS) {
        const audio = crop(samples, seconds);
        crops.get(seconds)!.push({
          speaker: speaker.name,
          fp32: await fp32.embed(audio, SAMPLE_RATE_HZ),
          bf16: await bf16.embed(audio, SAMPLE_RATE_HZ),
        });
      }
    }
  }
  for (const [seconds, list] of crops) {
    const [full, reduced] = [100 * rate(list, 'fp32'), 100 * rate(list, 'bf16')];
    if (seconds === LENGTHS_SECONDS[0]) lost = Math.max(lost, reduced - full);
    const least = Math.min(...list.map((entry) => cosineSimilarity(entry.fp32, entry.bf16)));
    const length = seconds === Infinity ? 'full' : `${seconds} s`;
    console.log(
      `| ${set} | ${length} | ${list.length} | ${full.toFixed(2)} % | ${reduced.toFixed(2)} % | ${least.toFixed(6)} |`,
    );
  }
}
record('bf16 eer', lost);
fp32.close();
bf16.close();
