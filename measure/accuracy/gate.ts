/**
 * "Is this my user, now": how often `isSpeaking()` is wrong, by its deadline.
 *
 *   npm run accuracy -- --gate [--audio DIR] [--every N] [--cache DIR] [--docs PAGE]
 *
 * On the report half of `--audio`, with each enrolled speaker of a conversation as the user in turn.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Subject } from 'rxjs';
import { isSpeaking, loadModel, type IdentifyEvent, type SpeakingDecision } from 'whospeaks';
import { percentile, type Turn } from 'whospeaks/evaluate';
import { SAMPLE_RATE_HZ, Tracker, type EmbeddedWindow } from 'whospeaks/stages';
import { writeFigures } from '../write-figures.js';
import { conversations } from './conversations.js';
import { Cache } from './embed.js';
import { simulatedRecordings, studioKey, type Recording } from './recordings.js';
import { percent, secondsOf, table } from './table.js';

const DEADLINES_SECONDS = [0.5, 0.8, 1, 1.5, 2] as const;
/** A live client sends sound in pieces this long, and so knows its time to this. */
const HEARD_SAMPLES = 0.1 * SAMPLE_RATE_HZ;

/** What the tracker tells of one window, when the sound has come to `atSample`. */
interface Told {
  readonly atSample: number;
  readonly events: readonly IdentifyEvent[];
}

/** All revisions of the decision about one turn, and whether the user speaks in it. */
interface Judged {
  readonly first: SpeakingDecision;
  readonly last: SpeakingDecision;
  readonly isUser: boolean;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--gate'),
    options: {
      audio: { type: 'string', default: '../shared/audio' },
      every: { type: 'string', default: '1' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      docs: { type: 'string' },
    },
  });
  const model = await loadModel();
  try {
    const key = await studioKey(model, values.audio);
    const studio = {
      half: 'report' as const,
      audio: values.audio,
      cache: new Cache(values.cache),
      model,
      key,
    };
    const specs = conversations('report').filter((_, i) => i % Number(values.every) === 0);
    const recordings = await simulatedRecordings(studio, specs, (id) =>
      process.stderr.write(`embedding ${id}\n`),
    );
    const heard = recordings.map((recording) => {
      const tracker = new Tracker({ speakers: recording.enrolled, model });
      return { recording, told: toldIn(recording.windows, tracker) };
    });
    const rows = DEADLINES_SECONDS.map((within) =>
      row(
        within,
        heard.flatMap(({ recording, told }) => judgedIn(recording, told, within)),
      ),
    );
    const text = `${recordings.length} conversations.\n\n${table(HEAD, rows)}`;
    console.log(text);
    if (values.docs !== undefined) writeFigures(values.docs, 'gate', text);
  } finally {
    model.close();
  }
}

function toldIn(windows: readonly EmbeddedWindow[], tracker: Tracker): Told[] {
  const told = windows.map((window) => ({ atSample: window.step.endSample, events: tracker.push(window) }));
  return [...told, { atSample: told.at(-1)!.atSample, events: tracker.flush() }];
}

/** The decisions about every turn, each enrolled speaker being the user once. */
function judgedIn({ enrolled, turns }: Recording, told: readonly Told[], within: number): Judged[] {
  return enrolled.flatMap(({ name }) => {
    const decisions = decisionsOn(told, name, within);
    const last = new Map(decisions.map((decision) => [decision.turn, decision]));
    return decisions
      .filter(({ revision }) => revision === 0)
      .map((first) => ({ first, last: last.get(first.turn)!, isUser: mostOf(first, turns) === name }));
  });
}

/** In the order of a live stream: the sound comes, and then what the tracker makes of it. */
function decisionsOn(told: readonly Told[], name: string, within: number): SpeakingDecision[] {
  const events$ = new Subject<IdentifyEvent>();
  const heard$ = new Subject<number>();
  const decisions: SpeakingDecision[] = [];
  events$.pipe(isSpeaking(name, { within, heard: heard$ })).subscribe((one) => decisions.push(one));
  let heardSample = 0;
  for (const { atSample, events } of told) {
    for (; heardSample < atSample; heardSample += HEARD_SAMPLES) heard$.next(heardSample);
    for (const event of events) events$.next(event);
  }
  events$.complete();
  return decisions;
}

/** Who speaks most between the start of a turn and the decision; undefined where nobody does. */
function mostOf({ startSample, atSample }: SpeakingDecision, turns: readonly Turn[]): string | undefined {
  const [start, end] = [startSample / SAMPLE_RATE_HZ, atSample / SAMPLE_RATE_HZ];
  const seconds = new Map<string, number>();
  for (const { speaker, startSeconds, endSeconds } of turns) {
    const shared = Math.min(end, endSeconds) - Math.max(start, startSeconds);
    if (shared > 0) seconds.set(speaker, (seconds.get(speaker) ?? 0) + shared);
  }
  return [...seconds].sort((a, b) => b[1] - a[1])[0]?.[0];
}

const HEAD = [
  'deadline',
  'false rejects',
  'false accepts',
  'sure before the deadline',
  'told after it',
  'delay p50',
  'p90',
  'false rejects, last revision',
  'false accepts, last revision',
];

function row(within: number, judged: readonly Judged[]): string[] {
  const users = judged.filter(({ isUser }) => isUser);
  const others = judged.filter(({ isUser }) => !isUser);
  const share = (of: readonly Judged[], is: (one: Judged) => boolean): string =>
    percent(of.filter(is).length / of.length);
  const delays = judged.map(({ first }) => (first.atSample - first.startSample) / SAMPLE_RATE_HZ);
  const lateSamples = within * SAMPLE_RATE_HZ + HEARD_SAMPLES;
  return [
    `${within} s`,
    `${share(users, ({ first }) => !first.is)} of ${users.length}`,
    `${share(others, ({ first }) => first.is)} of ${others.length}`,
    share(
      judged,
      ({ first }) =>
        first.decidedBy === 'sure' && first.atSample < first.startSample + within * SAMPLE_RATE_HZ,
    ),
    share(judged, ({ first }) => first.atSample > first.startSample + lateSamples),
    secondsOf(percentile(delays, 0.5)),
    secondsOf(percentile(delays, 0.9)),
    share(users, ({ last }) => !last.is),
    share(others, ({ last }) => last.is),
  ];
}
