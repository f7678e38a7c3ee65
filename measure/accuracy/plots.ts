import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detChart, lineChart, timelineChart, turnsOfEvents } from 'whospeaks/evaluate';
import { bestOf, type Figures } from './measure.js';
import type { Recording } from './recordings.js';
import type { TunedBaseline } from './systems.js';
import { windowTrials } from './windows.js';

export interface Plot {
  readonly file: string;
  readonly caption: string;
}

/** The plots of the page, written into `folder`. */
export function writePlots(
  folder: string,
  figures: Figures,
  recordings: readonly Recording[],
  baselines: readonly TunedBaseline[],
): Plot[] {
  mkdirSync(folder, { recursive: true });
  const plots: Plot[] = [];
  const write = (file: string, caption: string, svg: string): void => {
    writeFileSync(join(folder, file), svg);
    plots.push({ file, caption });
  };
  write('latency.svg', 'Identification error by latency', latencyChart(figures));
  write('calibration.svg', 'What a stated probability is worth', calibrationChart(figures));
  write(
    'det.svg',
    'What a single window says',
    detChart('Single windows against enrolled voices', windowTrials(recordings)),
  );
  write('timeline.svg', 'One conversation', timeline(figures, baselines));
  return plots;
}

function latencyChart({ latency, ours, baselines }: Figures): string {
  const most = Math.max(
    ...latency.map((l) => l.finalP50Seconds),
    ...baselines.map((b) => b.score.final.p50Seconds),
    2,
  );
  const errors = [
    ...latency.map((l) => l.errorRate),
    ...baselines.map((b) => b.score.errorRate),
    ours.errorRate,
  ];
  return lineChart({
    title: 'Identification error against the delay of the settled name',
    x: {
      label: 'median seconds from a change of speaker to the final right name',
      low: 0,
      high: Math.ceil(most + 0.5),
    },
    y: { label: 'identification error, %', low: 0, high: Math.ceil(Math.max(...errors) * 20) * 5 },
    series: [
      {
        name: 'whospeaks, by latency',
        marks: 'both',
        points: latency.map((l) => [l.finalP50Seconds, 100 * l.errorRate] as const),
      },
      ...baselines.map(({ name, score }) => ({
        name,
        marks: 'points' as const,
        points: [[score.final.p50Seconds, 100 * score.errorRate] as const],
      })),
    ],
  });
}

function calibrationChart({ ours }: Figures): string {
  const points = ({ bins }: typeof ours.calibration) =>
    bins.filter((bin) => bin.seconds > 0).map((bin) => [bin.probability, bin.right] as const);
  const ends = [
    [0, 0],
    [1, 1],
  ] as const;
  return lineChart({
    title: 'Share of labels that are right, by their probability',
    x: { label: 'probability stated', low: 0, high: 1 },
    y: { label: 'share right', low: 0, high: 1 },
    series: [
      {
        name: `finals, expected calibration error ${ours.calibration.rate.toFixed(3)}`,
        marks: 'both',
        points: points(ours.calibration),
      },
      {
        name: `tentative events, ${ours.tentativeCalibration.rate.toFixed(3)}`,
        marks: 'both',
        points: points(ours.tentativeCalibration),
      },
      { name: 'perfectly calibrated', points: ends, dashed: true },
    ],
  });
}

/** The first conversation with four enrolled speakers and a stranger. */
function timeline({ answers, baselines: scored }: Figures, baselines: readonly TunedBaseline[]): string {
  const { recording, events } =
    answers.find(({ recording: { spec } }) => spec?.enrolled === 4 && spec.strangers === 1) ?? answers[0]!;
  const best = scored.length === 0 ? undefined : baselines[scored.indexOf(bestOf(scored))];
  const spec = recording.spec;
  const conditions = spec ? `, noise at ${spec.snrDb} dB${spec.reverberant ? ', in a room' : ''}` : '';
  return timelineChart(
    `${recording.id}${conditions}`,
    [
      { name: 'truth', turns: recording.turns },
      { name: 'whospeaks', turns: turnsOfEvents(events) },
      ...(best
        ? [
            {
              name: `baseline (${best.letter})`,
              turns: turnsOfEvents(best.system(recording, best.who(recording))),
            },
          ]
        : []),
    ],
    recording.seconds,
  );
}
