import type { EnrollModel } from 'whospeaks';
import type { Half } from './cast.js';
import { SNRS_DB } from './conversations.js';
import { afterOthers, oneAbsent, oneEnrolled } from './few-enrolled.js';
import { errorInterval, ratioInterval, talliesOf, type Interval } from './interval.js';
import { overlapFigures, type OverlapFigures } from './overlap.js';
import type { Recording } from './recordings.js';
import {
  diarization,
  namedShares,
  score,
  type Answer,
  type Diarization,
  type Named,
  type Score,
} from './score.js';
import {
  answersOf,
  ourProfiles,
  plainProfiles,
  tracker,
  type System,
  type TunedBaseline,
} from './systems.js';

/** Rates of falsely accepted strangers that are asked for. */
export const ASKED_FALSE_ACCEPTS = [0.01, 0.05, 0.1] as const;
export const LATENCIES_SECONDS = [0.5, 1, 2.5, 5] as const;

/** How the name of a baseline with our profiles ends. */
export const OUR_PROFILES = ', our profiles';

export interface SystemFigures {
  readonly name: string;
  readonly score: Score;
}

/** How sure the figures of many conversations are. */
export interface SystemInterval {
  readonly name: string;
  readonly error: Interval;
  /** To the best baseline's; null of that one itself. */
  readonly ratio: Interval | null;
}

export interface FalseAccepts {
  readonly asked: number;
  /** Where none of the enrolled takes part: all speech is strangers'. */
  readonly named: Named;
}

export interface LatencyPoint {
  readonly latencySeconds: number;
  readonly errorRate: number;
  readonly finalP50Seconds: number;
  readonly changesRatio: number;
}

export interface DiarizationFigures {
  readonly name: string;
  readonly simulated: Diarization;
  readonly ami: Diarization | null;
  readonly amiCollar: Diarization | null;
}

/** All figures of one half. */
export interface Figures {
  readonly half: Half;
  readonly ours: Score;
  /** With the labels that corrections gave later. */
  readonly corrected: Score;
  readonly answers: readonly Answer[];
  readonly baselines: readonly SystemFigures[];
  /** Of `moreConversations`. */
  readonly more: readonly SystemInterval[];
  /** Where few of those who speak are enrolled. */
  readonly few: readonly { readonly name: string; readonly systems: readonly SystemInterval[] }[];
  readonly conditions: readonly { name: string; ours: Score; best: Score }[];
  /** Where voices are enrolled in the conversation's place. */
  readonly there: readonly SystemFigures[];
  readonly telephone: readonly SystemFigures[];
  readonly ami: readonly SystemFigures[];
  readonly amiIntervals: readonly SystemInterval[];
  readonly falseAccepts: readonly FalseAccepts[];
  readonly latency: readonly LatencyPoint[];
  readonly unsupervised: readonly DiarizationFigures[];
  readonly overlap: readonly { readonly name: string; readonly figures: OverlapFigures }[];
}

/** The baseline with the least identification error. */
export function bestOf(baselines: readonly SystemFigures[]): SystemFigures {
  return [...baselines].sort((a, b) => a.score.errorRate - b.score.errorRate)[0]!;
}

export interface Material {
  readonly half: Half;
  readonly model: EnrollModel;
  readonly simulated: readonly Recording[];
  readonly more: readonly Recording[];
  /** `simulated`, enrolled in its place. */
  readonly there: readonly Recording[];
  readonly telephone: readonly Recording[];
  readonly ami: readonly Recording[];
  /** Those with the segmentation network beside the embeddings. */
  readonly segmented: Record<'simulated' | 'ami', readonly Recording[]>;
  /** With one enrolled who does not speak. */
  readonly amiAbsent: readonly Recording[];
  readonly baselines: readonly TunedBaseline[];
  /** The same with our profiles. */
  readonly sameProfiles: readonly TunedBaseline[];
  /** Baseline (b), tuned with nobody enrolled. */
  readonly clustering: TunedBaseline | null;
  /** For the tracker, beside speakers and model. */
  readonly options: object;
}

/** Run every system over the material. `progress` is told what begins. */
export function measure(material: Material, progress: (what: string) => void): Figures {
  const { half, model, simulated, there, telephone, ami, baselines, sameProfiles, options } = material;
  progress('tracker');
  const ours = tracker(model, options);
  const answers = answersOf(simulated, ours);
  progress('baselines');
  const others = baselines.map((baseline) => ({
    name: titleOf(baseline),
    answers: answersOf(simulated, baseline.system, baseline.who),
  }));
  const scored = others.map((b) => ({ name: b.name, score: score(b.answers) }));
  const best = scored.length === 0 ? null : others[scored.indexOf(bestOf(scored))]!;
  const everybody = (recordings: readonly Recording[]): SystemFigures[] =>
    recordings.length === 0
      ? []
      : [
          ...figuresOf('whospeaks', answersOf(recordings, ours)),
          ...baselines.flatMap((baseline) =>
            figuresOf(titleOf(baseline), answersOf(recordings, baseline.system, baseline.who)),
          ),
        ];
  const overlapIn = (name: string, recordings: readonly Recording[]): Figures['overlap'] =>
    recordings.length === 0 ? [] : [{ name, figures: overlapFigures(answersOf(recordings, ours)) }];
  progress('false accepts');
  const falseAccepts = ASKED_FALSE_ACCEPTS.flatMap((asked) =>
    falseAcceptsAt(asked, model, simulated, options),
  );
  progress('latency');
  const latency = LATENCIES_SECONDS.flatMap((seconds) => latencyAt(seconds, model, simulated, options));
  progress('more conversations');
  const more = intervalsOf(material.more, ours, [...baselines, ...sameProfiles]);
  progress('few enrolled');
  const every = [...simulated, ...material.more];
  const few = [
    { name: 'one enrolled, who speaks', recordings: oneEnrolled(every) },
    { name: 'one enrolled, who is silent', recordings: oneAbsent(every) },
    { name: 'two enrolled, after strangers', recordings: afterOthers(simulated) },
    { name: 'AMI meetings, one enrolled, who is absent', recordings: material.amiAbsent },
  ].map(({ name, recordings }) => ({ name, systems: intervalsOf(recordings, ours, baselines) }));
  const meetings = ami.filter(({ enrolled }) => enrolled.length > 0);
  progress('unsupervised');
  const alone = material.clustering;
  return {
    half,
    ours: score(answers),
    corrected: score(answers, { corrected: true }),
    answers,
    baselines: scored,
    more,
    few,
    conditions: conditionsOf(answers, best?.answers ?? answers),
    there: everybody(there),
    telephone: everybody(telephone),
    ami: everybody(meetings),
    amiIntervals: intervalsOf(meetings, ours, baselines),
    falseAccepts,
    latency,
    overlap: [
      ...overlapIn('conversations', simulated),
      ...overlapIn('telephone', telephone),
      ...overlapIn('AMI', ami),
      ...overlapIn('conversations, with `segmentation`', material.segmented.simulated),
      ...overlapIn('AMI, with `segmentation`', material.segmented.ami),
    ],
    unsupervised: [
      ...unsupervised('whospeaks', ours, simulated, ami),
      ...(alone ? unsupervised(titleOf(alone), alone.system, simulated, ami) : []),
    ],
  };
}

function titleOf({ letter, name, who }: TunedBaseline): string {
  return `(${letter}) ${name}${who === ourProfiles ? OUR_PROFILES : ''}`;
}

function intervalsOf(
  recordings: readonly Recording[],
  ours: System,
  baselines: readonly TunedBaseline[],
): SystemInterval[] {
  if (recordings.length === 0) return [];
  const answers = answersOf(recordings, ours);
  const rows = [
    { name: 'whospeaks', tallies: talliesOf(answers) },
    { name: 'whospeaks, corrected', tallies: talliesOf(answers, { corrected: true }) },
    ...baselines.map((baseline) => ({
      name: titleOf(baseline),
      tallies: talliesOf(answersOf(recordings, baseline.system, baseline.who)),
      isPlain: baseline.who === plainProfiles,
    })),
  ].map((row) => ({ isPlain: false, ...row, error: errorInterval(row.tallies) }));
  const best = rows.filter(({ isPlain }) => isPlain).sort((a, b) => a.error.rate - b.error.rate)[0];
  return rows.map(({ name, tallies, error }) => ({
    name,
    error,
    ratio: best && name !== best.name ? ratioInterval(tallies, best.tallies) : null,
  }));
}

/** A tracker that does not know an option is not measured with it. */
function whereKnown<Value>(value: () => Value): Value[] {
  try {
    return [value()];
  } catch (error) {
    if (error instanceof Error && /unknown option|option "/.test(error.message)) return [];
    throw error;
  }
}

function falseAcceptsAt(
  asked: number,
  model: EnrollModel,
  recordings: readonly Recording[],
  options: object,
): FalseAccepts[] {
  return whereKnown(() => {
    const system = tracker(model, { ...options, falseAcceptRate: asked });
    return {
      asked,
      named: namedShares(answersOf(recordings, system, ({ absent }) => absent.map(({ profile }) => profile))),
    };
  });
}

function latencyAt(
  latencySeconds: number,
  model: EnrollModel,
  recordings: readonly Recording[],
  options: object,
): LatencyPoint[] {
  return whereKnown(() => {
    const figures = score(answersOf(recordings, tracker(model, { ...options, latencySeconds })));
    return {
      latencySeconds,
      errorRate: figures.errorRate,
      finalP50Seconds: figures.final.p50Seconds,
      changesRatio: figures.changesRatio,
    };
  });
}

function conditionsOf(ours: readonly Answer[], best: readonly Answer[]): Figures['conditions'] {
  const groups: [string, (recording: Recording) => boolean][] = [
    ...SNRS_DB.map((db): [string, (r: Recording) => boolean] => [
      `noise at ${db} dB`,
      (r) => r.spec?.snrDb === db,
    ]),
    ['dry', (r) => r.spec?.reverberant === false],
    ['in a room', (r) => r.spec?.reverberant === true],
    ...[0, 1, 2].map((n): [string, (r: Recording) => boolean] => [
      n === 1 ? '1 stranger' : `${n} strangers`,
      (r) => r.spec?.strangers === n,
    ]),
    ['2 or 3 enrolled', (r) => (r.spec?.enrolled ?? 9) <= 3],
    ['4 to 6 enrolled', (r) => (r.spec?.enrolled ?? 0) >= 4],
  ];
  const within = (answers: readonly Answer[], test: (r: Recording) => boolean): Answer[] =>
    answers.filter(({ recording }) => test(recording));
  return groups
    .filter(([, test]) => within(ours, test).length > 0)
    .map(([name, test]) => ({ name, ours: score(within(ours, test)), best: score(within(best, test)) }));
}

function corrects(answers: readonly Answer[]): boolean {
  return answers.some(({ events }) => events.some(({ type }) => type === 'correction'));
}

/** One system; a second row where corrections change what the finals said. */
function figuresOf(name: string, answers: readonly Answer[]): SystemFigures[] {
  const finals = { name, score: score(answers) };
  if (!corrects(answers)) return [finals];
  return [finals, { name: `${name}, corrected`, score: score(answers, { corrected: true }) }];
}

/** The same with nobody enrolled. */
function unsupervised(
  name: string,
  system: System,
  simulated: readonly Recording[],
  ami: readonly Recording[],
): DiarizationFigures[] {
  const spoken = answersOf(simulated, system, () => []);
  const meetings = answersOf(ami, system, () => []);
  const row = (title: string, corrected: boolean): DiarizationFigures => ({
    name: title,
    simulated: diarization(spoken, { corrected }),
    ami: meetings.length === 0 ? null : diarization(meetings, { corrected }),
    amiCollar: meetings.length === 0 ? null : diarization(meetings, { corrected, collarSeconds: 0.25 }),
  });
  const second = corrects([...spoken, ...meetings]) ? [row(`${name}, corrected`, true)] : [];
  return [row(name, false), ...second];
}
