/**
 * How well two people are told apart whose turns were all given to one name (`src/tracker/two-people.ts`), on the turns of
 * the conversations of `npm run accuracy`, cut at their true edges and all heard:
 *
 *   npx tsx measure/accuracy/two-people.ts [--audio DIR] [--cache DIR] [--model NAME]
 *
 * Of the enrolled speakers with two turns or more: how many are divided. Of the pairs of a speaker and somebody else in the
 * same conversation who scores 1.2 or more with the profile: how many are divided, and what share of the turns that
 * are then taken from the speaker are the other's.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { Cohort } from '../../src/scoring/cohort.js';
import { Scorer } from '../../src/scoring/scorer.js';
import { together } from '../../src/tracker/said.js';
import { anotherPersons } from '../../src/tracker/two-people.js';
import { dot } from '../../src/vectors.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { conversations } from './conversations.js';
import { Cache } from './embed.js';
import { simulatedRecordings, studioKey } from './recordings.js';
import { saidIn } from './said-in.js';

const PASSES = 1.2;
/** As many of one person's turns as the tracker remembers, or less. */
const MAX_TURNS = 8;

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    model: { type: 'string' },
  },
});
const model = await loadModel(values.model);
if (model.calibration === undefined) throw new Error('the model has no calibration');
const { calibration } = model;
const cohort = model.cohort ? new Cohort(model.cohort) : null;

const key = await studioKey(model, values.audio);
for (const half of ['tune', 'report'] as const) {
  const studio = { half, audio: values.audio, cache: new Cache(values.cache), model, key };
  const recordings = await simulatedRecordings(studio, conversations(half), (id) =>
    process.stderr.write(`${id}\n`),
  );
  const count = { alone: 0, divided: 0, pairs: 0, found: 0, taken: 0, takenRightly: 0 };
  for (const recording of recordings) {
    const scorer = new Scorer(calibration, cohort, model.scoring);
    const people = new VoiceSet(cohort);
    people.enrol(recording.enrolled);
    const said = new Map([...saidIn(recording)].map(([who, turns]) => [who, turns.slice(0, MAX_TURNS)]));
    for (const speaker of people.enrolled) {
      const { label, centroid } = speaker;
      const own = said.get(label) ?? [];
      if (own.length < 2) continue;
      count.alone++;
      if (anotherPersons(own, scorer, centroid).length > 0) count.divided++;
      for (const [other, theirs] of said) {
        const { direction, seconds } = together(theirs);
        const evidence = scorer.evidence(direction, seconds);
        const score = scorer.standard(dot(direction, centroid), evidence, speaker);
        if (other === label || score < PASSES) continue;
        count.pairs++;
        const taken = anotherPersons([...own, ...theirs], scorer, centroid);
        if (taken.length > 0) count.found++;
        count.taken += taken.length;
        count.takenRightly += taken.filter((i) => i >= own.length).length;
      }
    }
  }
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  console.log(
    `${half}: of ${count.alone} speakers ${percent(count.divided, count.alone)} divided; of ${count.pairs} pairs ` +
      `${percent(count.found, count.pairs)}, ${percent(count.takenRightly, count.taken)} of the turns taken are the other's`,
  );
}
model.close();
