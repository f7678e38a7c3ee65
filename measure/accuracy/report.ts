import type { Diarization } from './score.js';
import { goalsOf } from './goals.js';
import type { Interval } from './interval.js';
import { OUR_PROFILES, type Figures, type SystemFigures, type SystemInterval } from './measure.js';
import { hundredths, percent, SCORE_HEAD, scoreRow, secondsOf, table } from './table.js';

export const INTERVALS = 'More conversations';
export const OTHERS = 'Other recordings';

/** `3.0 (2.3 to 3.7)`, percent. */
function errorCell({ rate, low, high }: Interval): string {
  return `${hundredths(rate)} (${hundredths(low)} to ${hundredths(high)})`;
}

/** All systems on one kind of conversation, ours first; the ratio only beside the baseline that it is to. */
function intervalRow(kind: string, systems: readonly SystemInterval[]): string[] {
  const [ours, corrected, ...others] = systems;
  const ratio = others.some((other) => other.ratio === null) ? ours!.ratio : null;
  return [
    kind,
    errorCell(ours!.error),
    hundredths(corrected!.error.rate),
    ...others.map(({ error }) => hundredths(error.rate)),
    ratio ? `${ratio.rate.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})` : '-',
  ];
}

function intervalRows({ more, few, amiIntervals }: Figures): string[][] {
  const withOurs = ({ name }: SystemInterval): boolean => name.endsWith(OUR_PROFILES);
  const kinds = [
    { name: '150 more conversations', systems: more.filter((system) => !withOurs(system)) },
    {
      name: 'the same, baselines with our profiles',
      systems: [...more.slice(0, 2), ...more.filter(withOurs)],
    },
    ...few,
    { name: 'AMI meetings', systems: amiIntervals },
  ];
  return kinds
    .filter(({ systems }) => systems.length > 0)
    .map(({ name, systems }) => intervalRow(name, systems));
}

/** Ours in full, of the others the identification error. */
function otherRow(kind: string, systems: readonly SystemFigures[]): string[] {
  const [ours, ...rest] = systems.map(({ score }) => score);
  if (ours === undefined) return [];
  const isCorrected = isOurs(systems[1]?.name ?? '');
  const [corrected, ...others] = isCorrected ? rest : [ours, ...rest];
  return [
    kind,
    hundredths(ours.errorRate),
    hundredths(corrected!.errorRate),
    ...others.map(({ errorRate }) => hundredths(errorRate)),
    hundredths(ours.wrongName),
    hundredths(ours.knownRefused),
    hundredths(ours.unknownAccepted),
    hundredths(ours.missed),
    secondsOf(ours.tentative.p50Seconds),
    `${ours.tentative.missed} of ${ours.tentative.changes}`,
    ours.changesRatio.toFixed(2),
    ours.calibration.rate.toFixed(3),
    ours.tentativeCalibration.rate.toFixed(3),
  ];
}

/** The figures, as Markdown sections by title. */
export function sections(figures: Figures): { title: string; text: string }[] {
  const { ours, baselines, conditions, there, telephone, ami, latency, unsupervised, overlap } = figures;
  const letters = baselines.map(({ name }) => name.slice(0, '(a)'.length));
  const found = [
    {
      title: 'Goals',
      text: table(
        ['goal', 'wanted', 'measured', 'reached'],
        goalsOf(figures).map(({ what, wanted, got, reached }) => [
          what,
          wanted,
          got,
          reached ? 'yes' : '**no**',
        ]),
      ),
    },
    {
      title: 'Thirty conversations',
      text: table(SCORE_HEAD, [
        scoreRow('whospeaks', ours, true),
        ...baselines.map(({ name, score }) => scoreRow(name, score, false)),
      ]),
    },
    {
      title: INTERVALS,
      text: table(['', 'whospeaks', 'corrected', ...letters, 'to the best baseline'], intervalRows(figures)),
    },
    {
      title: OTHERS,
      text: table(
        [
          '',
          'whospeaks',
          'corrected',
          ...letters,
          'wrong name',
          'known refused',
          'stranger named',
          'missed',
          'delay p50',
          'never right',
          'label changes / true',
          'ECE final',
          'tentative',
        ],
        [
          otherRow('enrolled in the room of use', there),
          otherRow('telephone', telephone),
          otherRow('AMI meetings', ami),
        ].filter(({ length }) => length > 0),
      ),
    },
    {
      title: 'By condition',
      text: table(
        ['condition', 'identification error', 'best baseline', 'delay p50'],
        conditions.map(({ name, ours: here, best }) => [
          name,
          hundredths(here.errorRate),
          hundredths(best.errorRate),
          secondsOf(here.tentative.p50Seconds),
        ]),
      ),
    },
    {
      title: 'Latency',
      text: table(
        ['latency', 'identification error', 'delay p50, final', 'label changes / true'],
        latency.map((l) => [
          `${l.latencySeconds} s`,
          hundredths(l.errorRate),
          secondsOf(l.finalP50Seconds),
          l.changesRatio.toFixed(2),
        ]),
      ),
    },
    {
      title: 'Nobody enrolled',
      text: table(
        [
          'system',
          'conversations: DER',
          'miss, false alarm, confusion',
          'AMI: DER',
          'miss, false alarm, confusion',
          'AMI, collar 0.25 s',
        ],
        unsupervised.map(({ name, simulated, ami: meetings, amiCollar }) => [
          name,
          hundredths(simulated.rate),
          parts(simulated),
          meetings ? hundredths(meetings.rate) : '-',
          meetings ? parts(meetings) : '-',
          amiCollar ? hundredths(amiCollar.rate) : '-',
        ]),
      ),
    },
    {
      title: 'Two at once',
      text: table(
        [
          'recordings',
          'overlap in the speech',
          'found',
          'its seconds: reported',
          'reported: right',
          'reported seconds: right',
          'second speaker named: right',
        ],
        overlap.map(({ name, figures: f }) => [
          name,
          percent(f.referenceSeconds / f.speechSeconds),
          `${f.foundStretches} of ${f.referenceStretches}`,
          percent(f.rightSeconds / f.referenceSeconds),
          `${f.trueStretches} of ${f.toldStretches}`,
          f.toldSeconds === 0 ? '-' : percent(f.rightSeconds / f.toldSeconds),
          `${f.rightlyNamedStretches} of ${f.namedStretches}`,
        ]),
      ),
    },
  ];
  return found.filter(({ text }) => text.split('\n').length > 2);
}

function parts({ miss, falseAlarm, confusion }: Diarization): string {
  return [miss, falseAlarm, confusion].map(hundredths).join(', ');
}

/** Baselines state no probability that could be calibrated. */
function isOurs(name: string): boolean {
  return !name.startsWith('(');
}
