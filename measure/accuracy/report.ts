import type { Diarization } from './score.js';
import { goalsOf } from './goals.js';
import type { Figures, SystemInterval } from './measure.js';
import { percent, SCORE_HEAD, scoreRow, secondsOf, table } from './table.js';

export const MORE = 'More conversations';

const INTERVAL_HEAD = ['identification error', '95 of 100 draws', 'to the best baseline', '95 of 100 draws'];

function intervalRow({ name, error, ratio }: SystemInterval): string[] {
  return [
    name,
    percent(error.rate),
    `${percent(error.low)} to ${percent(error.high)}`,
    ratio ? ratio.rate.toFixed(2) : '-',
    ratio ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : '-',
  ];
}

/** Every figure, as Markdown sections by title. */
export function sections(figures: Figures): { title: string; text: string }[] {
  const {
    ours,
    corrected,
    baselines,
    sameProfiles,
    more,
    few,
    conditions,
    there,
    telephone,
    ami,
    amiIntervals,
    falseAccepts,
    latency,
    unsupervised,
    overlap,
  } = figures;
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
        scoreRow('whospeaks, corrections applied', corrected, true),
        ...[...baselines, ...sameProfiles].map(({ name, score }) => scoreRow(name, score, false)),
      ]),
    },
    { title: MORE, text: table(['system', ...INTERVAL_HEAD], more.map(intervalRow)) },
    {
      title: 'Few enrolled',
      text: table(
        ['', 'system', ...INTERVAL_HEAD],
        few.flatMap(({ name, systems }) => systems.map((system) => [name, ...intervalRow(system)])),
      ),
    },
    {
      title: 'By condition',
      text: table(
        [
          'condition',
          'speech',
          'identification error',
          'delay p50',
          'label changes / true',
          'best baseline: error',
          'delay p50',
        ],
        conditions.map(({ name, ours: here, best }) => [
          name,
          `${here.speechSeconds.toFixed(0)} s`,
          percent(here.errorRate),
          secondsOf(here.tentative.p50Seconds),
          here.changesRatio.toFixed(2),
          percent(best.errorRate),
          secondsOf(best.tentative.p50Seconds),
        ]),
      ),
    },
    {
      title: 'False accepts',
      text: table(
        ['asked for', "strangers' turns named", 'of', "strangers' seconds named"],
        falseAccepts.map(({ asked, named }) => [
          percent(asked),
          percent(named.turns),
          String(named.turnCount),
          percent(named.seconds),
        ]),
      ),
    },
    {
      title: 'Latency',
      text: table(
        ['latency', 'identification error', 'delay p50, final', 'label changes / true'],
        latency.map((l) => [
          `${l.latencySeconds} s`,
          percent(l.errorRate),
          secondsOf(l.finalP50Seconds),
          l.changesRatio.toFixed(2),
        ]),
      ),
    },
    {
      title: 'Enrolled there',
      text: table(
        SCORE_HEAD,
        there.map(({ name, score }) => scoreRow(name, score, isOurs(name))),
      ),
    },
    {
      title: 'Telephone',
      text: table(
        SCORE_HEAD,
        telephone.map(({ name, score }) => scoreRow(name, score, isOurs(name))),
      ),
    },
    {
      title: 'Meetings',
      text: table(
        SCORE_HEAD,
        ami.map(({ name, score }) => scoreRow(name, score, isOurs(name))),
      ).concat('\n\n', table(['system', ...INTERVAL_HEAD], amiIntervals.map(intervalRow))),
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
          'AMI: DER, collar 0.25 s',
        ],
        unsupervised.map(({ name, simulated, ami: meetings, amiCollar }) => [
          name,
          percent(simulated.rate),
          parts(simulated),
          meetings ? percent(meetings.rate) : '-',
          meetings ? parts(meetings) : '-',
          amiCollar ? percent(amiCollar.rate) : '-',
        ]),
      ),
    },
    {
      title: 'Two at once',
      text: table(
        [
          'recordings',
          'two at once, of the speech',
          'stretches of 0.3 s and more: told',
          'stretches told: true',
          'seconds told: true',
          'the second is named',
          'rightly',
        ],
        overlap.map(({ name, figures: f }) => [
          name,
          `${f.referenceSeconds.toFixed(0)} s, ${percent(f.referenceSeconds / f.speechSeconds)}`,
          `${f.foundStretches} of ${f.referenceStretches}`,
          `${f.trueStretches} of ${f.toldStretches}`,
          f.toldSeconds === 0 ? '-' : percent(f.rightSeconds / f.toldSeconds),
          `${f.namedStretches} of ${f.trueStretches}`,
          `${f.rightlyNamedStretches} of ${f.namedStretches}`,
        ]),
      ),
    },
  ];
  return found.filter(({ text }) => text.split('\n').length > 2);
}

function parts({ miss, falseAlarm, confusion }: Diarization): string {
  return [miss, falseAlarm, confusion].map((share) => percent(share)).join(', ');
}

/** Baselines state no probability that could be calibrated. */
function isOurs(name: string): boolean {
  return !name.startsWith('(');
}
