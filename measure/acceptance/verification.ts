import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosineSimilarity, fromFile, readAll, SpeakerModel } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { equalErrorRate } from 'whospeaks/evaluate';
import { voiceFoldersIn } from '../../src/cli/voice-folders.js';
import { percent, type AcceptPart } from './context.js';

const LENGTHS = [
  { name: '1.5 s', samples: 1.5 * SAMPLE_RATE_HZ },
  { name: '4 s', samples: 4 * SAMPLE_RATE_HZ },
  { name: 'full', samples: Infinity },
];
const SETS = ['librispeech', 'speechocean', 'mixed'] as const;
const CORPORA = ['librispeech', 'speechocean'] as const;
const SEARCH_STEP_SAMPLES = 1600;
/** Largest difference in EER allowed between this SDK and the independent runtime. */
const AGREEMENT = 0.001;

interface Crop {
  readonly file: string;
  readonly corpus: string;
  readonly speaker: string;
  readonly length: string;
  readonly startSample: number;
  readonly numSamples: number;
}

/**
 * Equal error rate of the bundled model over all pairs of recordings of a set, one crop a recording (its
 * loudest stretch of that length), cosine scoring; beside the same from the independent runtime.
 */
export const verification: AcceptPart = async ({ audio, independent, scratch }) => {
  const model = await SpeakerModel.fromPretrained();
  const crops: Crop[] = [];
  const embeddings: Float32Array[] = [];
  for (const corpus of CORPORA) {
    for (const { name: speaker, files } of voiceFoldersIn(join(audio, corpus))) {
      for (const file of files) {
        const samples = await readAll(fromFile(file));
        for (const { name: length, samples: want } of LENGTHS) {
          const numSamples = Math.min(want, samples.length);
          const startSample = loudest(samples, numSamples);
          crops.push({ file, corpus, speaker: `${corpus}/${speaker}`, length, startSample, numSamples });
          embeddings.push(
            await model.embed(samples.subarray(startSample, startSample + numSamples), SAMPLE_RATE_HZ),
          );
        }
      }
    }
  }
  model.close();

  const theirs = independent === undefined ? undefined : independentRates(independent, crops, scratch);
  console.log('EER, cosine, all pairs, one crop a recording (the loudest stretch)');
  console.log(
    '| set | length | trials | same-speaker | whospeaks | independent runtime |\n|---|---|---|---|---|---|',
  );
  let worst = 0;
  for (const set of SETS) {
    for (const { name: length } of LENGTHS) {
      const members = crops.flatMap((crop, i) =>
        crop.length === length && (set === 'mixed' || crop.corpus === set) ? [i] : [],
      );
      const trials = allPairs(members, crops, embeddings);
      const ours = equalErrorRate(trials).rate;
      const other = theirs?.[`${set} ${length}`];
      if (other !== undefined) worst = Math.max(worst, Math.abs(ours - other));
      const { targets, impostors } = trials;
      const count = `${targets.length + impostors.length} | ${targets.length}`;
      console.log(
        `| ${set} | ${length} | ${count} | ${percent(ours)} | ${other === undefined ? 'not run' : percent(other)} |`,
      );
    }
  }
  return worst > AGREEMENT ? `EER differs from the independent runtime by ${percent(worst)}` : undefined;
};

function allPairs(
  members: readonly number[],
  crops: readonly Crop[],
  embeddings: readonly Float32Array[],
): { targets: number[]; impostors: number[] } {
  const targets: number[] = [];
  const impostors: number[] = [];
  members.forEach((a, i) => {
    for (const b of members.slice(i + 1)) {
      const same = crops[a]!.speaker === crops[b]!.speaker;
      (same ? targets : impostors).push(cosineSimilarity(embeddings[a]!, embeddings[b]!));
    }
  });
  return { targets, impostors };
}

/** Start of the stretch with the most energy, on a 0.1 s grid. */
function loudest(samples: Float32Array, length: number): number {
  const sums = new Float64Array(samples.length + 1);
  samples.forEach((x, i) => (sums[i + 1] = sums[i]! + x * x));
  let best = 0;
  for (let start = 0; start + length <= samples.length; start += SEARCH_STEP_SAMPLES) {
    if (sums[start + length]! - sums[start]! > sums[best + length]! - sums[best]!) best = start;
  }
  return best;
}

/** EER by `set length` from torch, kaldi-native-fbank and scikit-learn on the same crops. */
function independentRates(python: string, crops: readonly Crop[], scratch: string): Record<string, number> {
  const list = join(scratch, 'crops.json');
  writeFileSync(list, JSON.stringify(crops));
  const script = new URL('verification.py', import.meta.url).pathname;
  const output = execFileSync(python, [script, list, 'models/model.safetensors'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return JSON.parse(output) as Record<string, number>;
}
