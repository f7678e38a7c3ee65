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

type Turn = Pick<BookedTurn, 'speaker' | 'startSample' | 'endSample' | 'speech'>;

/**
 * A lane for each speaker, in the order in which they were first heard; of more than `most`, those who were heard last.
 * @param turns in order of time
 */
export function lanesOf(turns: readonly Turn[], view: View, most: number): Lane[] {
  const lastHeard = new Map<string, number>();
  for (const { speaker, endSample } of turns) lastHeard.set(speaker, endSample);
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
        turns.filter(({ speaker }) => speaker === label),
        view,
      ),
    }));
}

function cellsOf(turns: readonly Turn[], { fromSample, toSample, cells }: View): Cell[] {
  const cellSamples = (toSample - fromSample) / cells;
  const spoken = new Float64Array(cells);
  for (const turn of turns) {
    // Of a turn that is not settled, what was said is not known yet.
    for (const { startSample, endSample } of turn.speech.length > 0 ? turn.speech : [turn]) {
      const [start, end] = [startSample, endSample].map((sample) => (sample - fromSample) / cellSamples);
      for (let i = Math.max(0, Math.floor(start!)); i < Math.min(cells, Math.ceil(end!)); i++) {
        spoken[i]! += Math.min(i + 1, end!) - Math.max(i, start!);
      }
    }
  }
  return Array.from(spoken, (share) => (share >= 0.5 ? 'most' : share > 0.05 ? 'some' : 'none'));
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
