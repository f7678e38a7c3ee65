/**
 * How well single turns tell people apart, cut at their true edges: turns of the conversations of `npm run accuracy` against
 * everybody enrolled there, by the equal error rate of their scores:
 *
 *   npx tsx measure/accuracy/turns.ts [--audio DIR] [--cache DIR] [--model NAME]
 *
 * With profiles of the recordings as they are and as heard elsewhere too; by cosine, and normalised with the cohort.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, type Profile } from 'whospeaks';
import { equalErrorRate } from 'whospeaks/evaluate';
import { asNorm, Cohort } from '../../src/scoring/cohort.js';
import { dot } from '../../src/vectors.js';
import { conversations } from './conversations.js';
import { Cache } from './embed.js';
import { simulatedRecordings, studioKey, type Recording } from './recordings.js';
import { saidIn } from './said-in.js';
import { percent, table } from './table.js';

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    model: { type: 'string' },
  },
});

type Score = (turn: Float32Array, profile: Float32Array) => number;

function eerOf(recordings: readonly Recording[], who: (r: Recording) => readonly Profile[], score: Score) {
  const targets: number[] = [];
  const impostors: number[] = [];
  for (const recording of recordings) {
    for (const [speaker, turns] of saidIn(recording)) {
      for (const { direction } of turns) {
        for (const { name, centroid } of who(recording)) {
          (name === speaker ? targets : impostors).push(score(direction, centroid));
        }
      }
    }
  }
  return { rate: equalErrorRate({ targets, impostors }).rate, trials: targets.length + impostors.length };
}

const model = await loadModel(values.model);
if (model.cohort === undefined) throw new Error('the model has no cohort');
const cohort = new Cohort(model.cohort);
const key = await studioKey(model, values.audio);
const rows: string[][] = [];
for (const half of ['tune', 'report'] as const) {
  const studio = { half, audio: values.audio, cache: new Cache(values.cache), model, key };
  const recordings = await simulatedRecordings(studio, conversations(half), (id) =>
    process.stderr.write(`${id}\n`),
  );
  for (const [profiles, who] of [
    ['as recorded', (r: Recording) => r.plain],
    ['and elsewhere', (r: Recording) => r.enrolled],
  ] as const) {
    const cosine = eerOf(recordings, who, dot);
    const normalised = eerOf(recordings, who, (turn, profile) =>
      asNorm(dot(turn, profile), cohort.stats(turn), cohort.stats(profile)),
    );
    rows.push([half, String(cosine.trials), profiles, percent(cosine.rate, 2), percent(normalised.rate, 2)]);
  }
}
console.log(table(['half', 'trials', 'profiles', 'EER, cosine', 'EER, AS-norm'], rows));
model.close();
