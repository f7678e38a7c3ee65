import { isUnknownLabel, UNKNOWN, type IdentifyEvent } from '../events/events.js';
import type { Turn } from './turns.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

export interface LabelDelay {
  /** Changes of speaker in the reference. */
  readonly changes: number;
  /** Changes after which the right name never came. */
  readonly missed: number;
  /** Seconds from each answered change to the right name, in order of the changes. */
  readonly delaysSeconds: readonly number[];
  /** Median of the answered ones; NaN where there are none. */
  readonly p50Seconds: number;
  readonly p90Seconds: number;
}

/**
 * Time from a change of speaker to the first `tentative` event with the right name, of a turn that reaches
 * beyond the change. A change is the start of a reference turn whose speaker is not the one of the turn
 * before (by start), the first turn included. The clock is the stream's: an event counts from its
 * `atSample`, when it was decided, and not from where it says that the turn began. Where the right name
 * already stands at the change, the delay is 0; where it has not come by the end of the turn, the change is
 * missed. The right name of a speaker who is not among `enrolled` is any unknown label.
 */
export function labelDelay(
  reference: readonly Turn[],
  events: readonly IdentifyEvent[],
  enrolled: Iterable<string>,
): LabelDelay {
  const labels = events
    .filter((e) => e.type === 'tentative' || e.type === 'silence')
    .map((e) => ({
      atSeconds: e.atSample / SAMPLE_RATE_HZ,
      endSeconds: e.type === 'tentative' ? e.endSample / SAMPLE_RATE_HZ : Infinity,
      label: e.type === 'tentative' ? plain(e.speaker) : null,
    }))
    .sort((a, b) => a.atSeconds - b.atSeconds);
  return delays(reference, enrolled, (turn, right) => {
    const standing = labels.findLast((l) => l.atSeconds <= turn.startSeconds);
    if (standing?.label === right) return turn.startSeconds;
    return labels.find(
      (l) =>
        l.label === right &&
        l.atSeconds > turn.startSeconds &&
        l.atSeconds <= turn.endSeconds &&
        l.endSeconds > turn.startSeconds,
    )?.atSeconds;
  });
}

/**
 * Time from a change of speaker, as in `labelDelay`, to the `final` event that settles the right name for
 * some of the turn; the change is missed where there is none.
 */
export function finalDelay(
  reference: readonly Turn[],
  events: readonly IdentifyEvent[],
  enrolled: Iterable<string>,
): LabelDelay {
  const finals = events
    .filter((e) => e.type === 'final')
    .map((e) => ({
      startSeconds: e.startSample / SAMPLE_RATE_HZ,
      endSeconds: e.endSample / SAMPLE_RATE_HZ,
      atSeconds: e.atSample / SAMPLE_RATE_HZ,
      label: plain(e.speaker),
    }));
  return delays(
    reference,
    enrolled,
    (turn, right) =>
      finals.find(
        (f) => f.label === right && f.endSeconds > turn.startSeconds && f.startSeconds < turn.endSeconds,
      )?.atSeconds,
  );
}

/** `answer`: when the right name of a turn was told, seconds on the stream. */
function delays(
  reference: readonly Turn[],
  enrolled: Iterable<string>,
  answer: (turn: Turn, right: string) => number | undefined,
): LabelDelay {
  const known = new Set(enrolled);
  const changes = speakerChanges(reference);
  const delaysSeconds = changes.flatMap((turn) => {
    const atSeconds = answer(turn, known.has(turn.speaker) ? turn.speaker : UNKNOWN);
    return atSeconds === undefined ? [] : [Math.max(0, atSeconds - turn.startSeconds)];
  });
  return delayOf(changes.length, delaysSeconds);
}

/** Recordings together: percentiles of all their delays. */
export function totalDelay(delays: readonly LabelDelay[]): LabelDelay {
  return delayOf(
    delays.reduce((sum, { changes }) => sum + changes, 0),
    delays.flatMap(({ delaysSeconds }) => delaysSeconds),
  );
}

function delayOf(changes: number, delaysSeconds: readonly number[]): LabelDelay {
  return {
    changes,
    missed: changes - delaysSeconds.length,
    delaysSeconds,
    p50Seconds: percentile(delaysSeconds, 0.5),
    p90Seconds: percentile(delaysSeconds, 0.9),
  };
}

function plain(label: string): string {
  return isUnknownLabel(label) ? UNKNOWN : label;
}

/** In order of start: the turns whose speaker differs from the turn before, each with its repeats joined on. */
function speakerChanges(reference: readonly Turn[]): Turn[] {
  const changes: { startSeconds: number; endSeconds: number; speaker: string }[] = [];
  for (const turn of [...reference].sort((a, b) => a.startSeconds - b.startSeconds)) {
    const last = changes.at(-1);
    if (last?.speaker === turn.speaker) last.endSeconds = Math.max(last.endSeconds, turn.endSeconds);
    else changes.push({ ...turn });
  }
  return changes;
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7, numpy's default). */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
