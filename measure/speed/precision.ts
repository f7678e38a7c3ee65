// What reduced precision costs in accuracy: equal error rates of the bundled model in fp32 and in each other precision
// that this processor has, on the same crops of real speech, and how far their embeddings are apart.
//   tsx measure/speed/precision.ts [--audio ../shared/audio] [--model FILE]
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { equalErrorRate } from '../../src/evaluate/index.js';
import { cosineSimilarity, SpeakerModel } from '../../src/native/index.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../../src/stream/index.js';
import { REDUCED } from './precisions.js';
import { record } from './results.js';

const { values } = parseArgs({
  options: { audio: { type: 'string', default: '../shared/audio' }, model: { type: 'string' } },
});
const LENGTHS_SECONDS = [1.5, 4, Infinity];
const MOST_FILES_A_SPEAKER = 10;

interface Crop {
  readonly speaker: string;
  /** By precision. */
  readonly embeddings: Map<string, Float32Array>;
}

const models = new Map([['fp32', await SpeakerModel.fromPretrained(values.model, { engine: 'cpu' })]]);
for (const precision of REDUCED) {
  try {
    models.set(precision, await SpeakerModel.fromPretrained(values.model, { engine: 'cpu', precision }));
  } catch (error) {
    console.log(`Not measured: ${(error as Error).message}.\n`);
  }
}
const reduced = [...models.keys()].slice(1);

/** The middle of the recording. */
function crop(samples: Float32Array, seconds: number): Float32Array {
  const length = Math.min(samples.length, seconds * SAMPLE_RATE_HZ);
  const start = Math.floor((samples.length - length) / 2);
  return samples.subarray(start, start + length);
}

/** Percent. */
function errorRate(crops: readonly Crop[], precision: string): number {
  const targets: number[] = [];
  const impostors: number[] = [];
  crops.forEach(({ speaker, embeddings }, i) => {
    for (const other of crops.slice(i + 1)) {
      const score = cosineSimilarity(embeddings.get(precision)!, other.embeddings.get(precision)!);
      (speaker === other.speaker ? targets : impostors).push(score);
    }
  });
  return 100 * equalErrorRate({ targets, impostors }).rate;
}

const lost = new Map<string, number>();
const least = new Map<string, number>();
const header = ['recordings', 'length', 'EER fp32'];
for (const precision of reduced) header.push(`EER ${precision}`, 'least cosine with fp32');
console.log(`| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}`);
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
        const embeddings = new Map<string, Float32Array>();
        for (const [precision, model] of models) {
          embeddings.set(precision, await model.embed(crop(samples, seconds), SAMPLE_RATE_HZ));
        }
        crops.get(seconds)!.push({ speaker: speaker.name, embeddings });
      }
    }
  }
  for (const [seconds, list] of crops) {
    const full = errorRate(list, 'fp32');
    const row = [
      `${list.length} ${set}`,
      seconds === Infinity ? 'full' : `${seconds} s`,
      `${full.toFixed(2)} %`,
    ];
    for (const precision of reduced) {
      const rate = errorRate(list, precision);
      lost.set(precision, Math.max(lost.get(precision) ?? -Infinity, rate - full));
      const cosines = list.map(({ embeddings }) =>
        cosineSimilarity(embeddings.get('fp32')!, embeddings.get(precision)!),
      );
      const worst = Math.min(...cosines);
      least.set(precision, Math.min(least.get(precision) ?? 1, worst));
      row.push(`${rate.toFixed(2)} %`, worst.toFixed(6));
    }
    console.log(`| ${row.join(' | ')} |`);
  }
}
for (const [precision, points] of lost) record(`${precision} eer`, points);
for (const [precision, cosine] of least) record(`${precision} cosine`, cosine);
for (const model of models.values()) model.close();
