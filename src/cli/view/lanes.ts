import type { BookedTurn } from '../../transcript/turn-book.js';
import { SAMPLE_RATE_HZ } from '../../stream/index.js';

/** A stretch of the stream that is shown, in so many cells. */
export interface View {
  readonly fromSample: number;
  readonly toSample: number;
  readonly cells: number;
}

/** How much of a cell somebody speaks. */
export type Cell = 'none' | 'some' | 'most';

export interface Lane {
  readonly label: string;
  readonly cells: readonly Cell[];
}

/** Steps of the time scale, seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
/** Columns from one time to the next at the least. */
const STEP_CELLS = 10;

type Turn = Pick<BookedTurn, 'speaker' | 'startSample' | 'endSample' | 'speech' | 'overlaps'>;

/** Where one speaker talks. */
interface Spoken {
  readonly speaker: string;
  readonly startSample: number;
  readonly endSample: number;
}

/**
 * A lane for each speaker, in the order in which they were first heard; of more than `most`, those who were heard last.
 * @param turns in order of time
 */
export function lanesOf(turns: readonly Turn[], view: View, most: number): Lane[] {
  const lastHeard = new Map<string, number>();
  const spoken = turns.flatMap(spokenIn);
  for (const { speaker, endSample } of spoken) {
    lastHeard.set(speaker, Math.max(endSample, lastHeard.get(speaker) ?? 0));
  }
  const kept = new Set(
    [...lastHeard]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([label]) => label),
  );
  return [...lastHeard.keys()]
    .filter((label) => kept.has(label))
    .map((label) => ({
      label,
      cells: cellsOf(
        spoken.filter(({ speaker }) => speaker === label),
        view,
      ),
    }));
}

/** By a turn's speaker and, where that can be told, by who speaks beside. */
function spokenIn({ speaker, startSample, endSample, speech, overlaps }: Turn): Spoken[] {
  // Of a turn that is not settled, what was said is not known yet.
  const own = speech.length > 0 ? speech : [{ startSample, endSample }];
  return [
    ...own.map((stretch) => ({ ...stretch, speaker })),
    ...overlaps.flatMap(({ other, ...stretch }) => (other === null ? [] : [{ ...stretch, speaker: other }])),
  ];
}

function cellsOf(spoken: readonly Spoken[], { fromSample, toSample, cells }: View): Cell[] {
  const cellSamples = (toSample - fromSample) / cells;
  const shares = new Float64Array(cells);
  for (const { startSample, endSample } of spoken) {
    const [start, end] = [startSample, endSample].map((sample) => (sample - fromSample) / cellSamples);
    for (let i = Math.max(0, Math.floor(start!)); i < Math.min(cells, Math.ceil(end!)); i++) {
      shares[i]! += Math.min(i + 1, end!) - Math.max(i, start!);
    }
  }
  return Array.from(shares, (share) => (share >= 0.5 ? 'most' : share > 0.05 ? 'some' : 'none'));
}

/** Times over the cells, each behind the mark of its place: `|0:15      |0:30`. */
export function timeScale({ fromSample, toSample, cells }: View): string {
  const [from, to] = [fromSample / SAMPLE_RATE_HZ, toSample / SAMPLE_RATE_HZ];
  const cellSeconds = (to - from) / cells;
  const step = STEPS.find((seconds) => seconds / cellSeconds >= STEP_CELLS) ?? STEPS.at(-1)!;
  let scale = '';
  for (let seconds = Math.max(0, Math.ceil(from / step) * step); seconds < to; seconds += step) {
    const mark = `|${minutes(seconds)}`;
    const at = Math.round((seconds - from) / cellSeconds);
    if (at + mark.length <= cells) scale = scale.padEnd(at) + mark;
  }
  return scale;
}

/** 75 s as `1:15`, from an hour on `1:01:15`. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
