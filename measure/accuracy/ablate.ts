/**
 * What each mechanism of the tracker is worth: the same recordings without it.
 *
 *   npm run accuracy -- --ablate [--audio DIR] [--every N] [--cache DIR] [--docs PAGE]
 *
 * On the tuning half of `--audio`. A mechanism is worth keeping where the error without it is higher by more than its interval.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { IMPOSTOR } from '../../src/scoring/impostors.js';
import { WHO } from '../../src/tracker/settings.js';
import { conversations, moreConversations, telephoneCalls } from './conversations.js';
import { Cache } from './embed.js';
import { afterOthers, oneAbsent, oneEnrolled } from './few-enrolled.js';
import { differenceInterval, errorInterval, talliesOf, type Tally } from './interval.js';
import { simulatedRecordings, studioKey, type Recording } from './recordings.js';
import { answersOf, tracker, type System } from './systems.js';
import { writeFigures } from '../write-figures.js';
import { percent, table } from './table.js';

/** Settings that switch one mechanism off. */
interface Mechanism {
  readonly name: string;
  readonly who?: Partial<Record<keyof typeof WHO, unknown>>;
  readonly impostor?: Partial<Record<keyof typeof IMPOSTOR, number>>;
}

const MECHANISMS: readonly Mechanism[] = [
  { name: 'the level of the stream', who: { levelTurns: 0 } },
  { name: 'settled turns weighed again', who: { sweeps: 0 } },
  { name: 'the learnt share of strangers', who: { priorTurns: 1e9 } },
  { name: "the enrolled profiles' scores with each other", impostor: { pairs: 1e9 } },
  { name: 'growth of impostor scores', impostor: { growth: 0 } },
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--ablate'),
    options: {
      audio: { type: 'string', default: '../shared/audio' },
      every: { type: 'string', default: '1' },
      docs: { type: 'string' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    },
  });
  const model = await loadModel();
  try {
    const cache = new Cache(values.cache);
    const key = await studioKey(model, values.audio);
    const studio = { half: 'tune' as const, audio: values.audio, cache, model, key };
    const heard = (specs: ReturnType<typeof conversations>): Promise<Recording[]> =>
      simulatedRecordings(
        studio,
        specs.filter((_, i) => i % Number(values.every) === 0),
        (id) => process.stderr.write(`embedding ${id}\n`),
      );
    const thirty = await heard(conversations('tune'));
    const all = [...thirty, ...(await heard(moreConversations('tune')))];
    const sets = [
      { name: 'conversations', recordings: all },
      { name: 'corrected', recordings: all, corrected: true },
      { name: 'one enrolled', recordings: oneEnrolled(all) },
      { name: 'one enrolled, absent', recordings: oneAbsent(all) },
      { name: 'after others', recordings: afterOthers(thirty) },
      { name: 'telephone', recordings: await heard(telephoneCalls('tune')) },
    ];
    const talliesIn = (system: System): Tally[][] =>
      sets.map(({ recordings, corrected = false }) =>
        talliesOf(answersOf(recordings, system), { corrected }),
      );
    const whole = talliesIn(tracker(model));
    const rows = [
      ['all of it', ...whole.map((tallies) => percent(errorInterval(tallies).rate))],
      ...MECHANISMS.map((mechanism) => {
        process.stderr.write(`without ${mechanism.name}\n`);
        const without = switchedOff(mechanism, () => talliesIn(tracker(model)));
        return [`without ${mechanism.name}`, ...without.map((tallies, i) => worth(tallies, whole[i]!))];
      }),
    ];
    const text = table(['identification error', ...sets.map(({ name }) => name)], rows);
    console.log(text);
    if (values.docs !== undefined) writeFigures(values.docs, 'ablation', text);
  } finally {
    model.close();
  }
}

/** The settings are one literal each, which nothing else changes. */
function switchedOff<Result>({ who = {}, impostor = {} }: Mechanism, run: () => Result): Result {
  const [whoBefore, impostorBefore] = [{ ...WHO }, { ...IMPOSTOR }];
  Object.assign(WHO, who);
  Object.assign(IMPOSTOR, impostor);
  try {
    return run();
  } finally {
    Object.assign(WHO, whoBefore);
    Object.assign(IMPOSTOR, impostorBefore);
  }
}

/** How many points of error more without it, with its interval. */
function worth(without: readonly Tally[], whole: readonly Tally[]): string {
  const { rate, low, high } = differenceInterval(without, whole);
  const points = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`;
  return `${points(rate)} [${points(low)} to ${points(high)}]`;
}
