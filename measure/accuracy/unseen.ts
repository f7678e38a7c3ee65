/**
 * Voices that no setting was chosen with:
 *
 *   npm run accuracy -- --voices DIR [--audio DIR] [--conversations N] [--cache DIR] [--docs PAGE]
 *
 * DIR holds `CORPUS/SPEAKER/*`; the first half of a speaker's recordings enrols, the others are said in simulated conversations and on
 * simulated telephone calls, as for `npm run accuracy`, with the noise of `--audio`. The baselines are tuned on the tuning half of
 * `--audio`. To be run once, when all is chosen.
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, type EnrollModel } from 'whospeaks';
import { claimsOf, turnsOfEvents } from 'whospeaks/evaluate';
import { writeFigures } from '../write-figures.js';
import type { Voice } from './cast.js';
import { conversations, moreConversations, telephoneCalls, type ConversationSpec } from './conversations.js';
import { Cache } from './embed.js';
import { errorInterval, ratioInterval, talliesOf } from './interval.js';
import { simulatedRecordings, studioKey, type Recording } from './recordings.js';
import { score, type Answer } from './score.js';
import { strangersNamed } from './strangers.js';
import { answersOf, plainProfiles, tracker, tunedBaselines, type TunedBaseline } from './systems.js';
import { hundredths, percent, table } from './table.js';

const COUNTS = [1, 5, 15] as const;
const RATES = [undefined, 0.01, 0.05, 0.1] as const;
const SHORT_SECONDS = 1.5;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      voices: { type: 'string' },
      audio: { type: 'string', default: '../shared/audio' },
      conversations: { type: 'string', default: '90' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      docs: { type: 'string' },
    },
  });
  const { audio } = values;
  const model = await loadModel();
  try {
    const cache = new Cache(values.cache);
    const key = await studioKey(model, audio);
    const progress = (id: string): void => {
      process.stderr.write(`embedding ${id}\n`);
    };
    const studio = { half: 'report' as const, audio, cache, model, key };
    const tuning = await simulatedRecordings({ ...studio, half: 'tune' }, conversations('tune'), progress);
    const baselines = await tunedBaselines(tuning, cache, key, plainProfiles);
    const errors: string[][] = [];
    const strangers: string[][] = [];
    for (const corpus of readdirSync(values.voices!, { withFileTypes: true })) {
      if (!corpus.isDirectory()) continue;
      const voices = voicesIn(join(values.voices!, corpus.name));
      const heard = (specs: readonly ConversationSpec[]) =>
        simulatedRecordings({ ...studio, voices }, specs, (id) => {
          progress(`${corpus.name} ${id}`);
        });
      const specs = [...conversations('report'), ...moreConversations('report')];
      const talks = await heard(specs.slice(0, Number(values.conversations)));
      errors.push(errorRow(corpus.name, talks, model, baselines));
      errors.push(
        errorRow(`${corpus.name}, telephone`, await heard(telephoneCalls('report')), model, baselines),
      );
      for (const rate of RATES) strangers.push(strangersRow(corpus.name, rate, talks, model));
    }
    const text = [table(ERROR_HEAD, errors), table(STRANGERS_HEAD, strangers)].join('\n\n');
    console.log(text);
    if (values.docs !== undefined) writeFigures(values.docs, 'unseen voices', text);
  } finally {
    model.close();
  }
}

function voicesIn(corpus: string): Voice[] {
  return readdirSync(corpus)
    .sort()
    .map((name) => {
      const files = readdirSync(join(corpus, name)).sort();
      const paths = files.map((file) => join(corpus, name, file));
      const half = Math.ceil(paths.length / 2);
      return { name, enrolment: paths.slice(0, half), utterances: paths.slice(half) };
    })
    .filter(({ utterances }) => utterances.length > 0);
}

const ERROR_HEAD = [
  'voices',
  'identification error [95 %]',
  'wrong name',
  'known refused',
  'stranger named',
  'with corrections',
  'best baseline',
  'of it [95 %]',
  'ECE',
  `turns under ${SHORT_SECONDS} s right`,
];

function errorRow(
  name: string,
  recordings: readonly Recording[],
  model: EnrollModel,
  baselines: readonly TunedBaseline[],
): string[] {
  const answers = answersOf(recordings, tracker(model));
  const ours = score(answers);
  const others = baselines
    .map(({ system, who }) => answersOf(recordings, system, who))
    .sort((a, b) => score(a).errorRate - score(b).errorRate);
  const best = others[0]!;
  const error = errorInterval(talliesOf(answers));
  const ratio = ratioInterval(talliesOf(answers), talliesOf(best));
  return [
    `${name}: ${recordings.length}`,
    `${hundredths(ours.errorRate)} [${hundredths(error.low)} to ${hundredths(error.high)}]`,
    hundredths(ours.wrongName),
    hundredths(ours.knownRefused),
    hundredths(ours.unknownAccepted),
    hundredths(score(answers, { corrected: true }).errorRate),
    hundredths(score(best).errorRate),
    `${(ours.errorRate / score(best).errorRate).toFixed(2)} [${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}]`,
    ours.calibration.rate.toFixed(3),
    shortRight(answers),
  ];
}

/** Of turns that are told with so little speech: which labels are right. */
function shortRight(answers: readonly Answer[]): string {
  const claims = answers.flatMap(({ recording, events }) => {
    const enrolled = recording.enrolled.map(({ name }) => name);
    const short = turnsOfEvents(events).filter((turn) => turn.endSeconds - turn.startSeconds < SHORT_SECONDS);
    return claimsOf(recording.turns, short, enrolled);
  });
  return `${percent(claims.filter(({ right }) => right).length / claims.length, 0)} of ${claims.length}`;
}

const STRANGERS_HEAD = [
  'voices',
  'asked',
  ...COUNTS.map((count) => `strangers' turns named, ${count} enrolled`),
  'known refused',
];

/** Where nobody who speaks is enrolled; and what that rate costs those who are. */
function strangersRow(
  name: string,
  rate: number | undefined,
  recordings: readonly Recording[],
  model: EnrollModel,
): string[] {
  const system = tracker(model, rate === undefined ? {} : { falseAcceptRate: rate });
  const named = COUNTS.map((count) => hundredths(strangersNamed(recordings, count, system).turns));
  const asked = rate === undefined ? 'default' : percent(rate, 0);
  return [name, asked, ...named, hundredths(score(answersOf(recordings, system)).knownRefused)];
}
