import { isUnknownLabel, UNKNOWN, type IdentifyEvent } from '../tracker/events.js';
import type { Turn } from './turns.js';

/** Samples a second on a stream, as in every event. */
const SAMPLE_RATE_HZ = 16_000;

export interface LabelDelay {
  /** Changes of speaker in the reference. */
  readonly changes: number;
  /** Changes after which the right name never came before the turn was over. */
  readonly missed: number;
  /** Seconds from each answered change to the right name, in order of the changes. */
  readonly delaysSeconds: readonly number[];
  /** Median of the answered ones; NaN where there are none. */
  readonly p50Seconds: number;
  readonly p90Seconds: number;
}

/**
 * Time from a change of speaker to the first event with the right name. A change is the start of a
 * reference turn whose speaker is not the one of the turn before (by start), the first turn included. The
 * clock is the stream's: an event counts from its `atSample`, when it was decided, and not from where it
 * says that the turn began. Where the right name already stands at the change, the delay is 0; where it has
 * not come by the end of the turn, the change is missed. The right name of a speaker who is not among
 * `enrolled` is `unknown`.
 */
export function labelDelay(
  reference: readonly Turn[],
  events: readonly IdentifyEvent[],
  enrolled: Iterable<string>,
): LabelDelay {
  const known = new Set(enrolled);
  const labels = events
    .filter((e) => e.type === 'tentative' || e.type === 'silence')
    .map((e) => ({
      atSeconds: e.atSample / SAMPLE_RATE_HZ,
      // Which unknown voice it is, is another question.
      label: e.type !== 'tentative' ? null : isUnknownLabel(e.speaker) ? UNKNOWN : e.speaker,
    }))
    .sort((a, b) => a.atSeconds - b.atSeconds);
  const changes = speakerChanges(reference);
  const delaysSeconds: number[] = [];
  for (const turn of changes) {
    const right = known.has(turn.speaker) ? turn.speaker : UNKNOWN;
    const standing = labels.findLast((l) => l.atSeconds <= turn.startSeconds);
    const answer = labels.find(
      (l) => l.label === right && l.atSeconds > turn.startSeconds && l.atSeconds <= turn.endSeconds,
    );
    if (standing?.label === right) delaysSeconds.push(0);
    else if (answer) delaysSeconds.push(answer.atSeconds - turn.startSeconds);
  }
  return {
    changes: changes.length,
    missed: changes.length - delaysSeconds.length,
    delaysSeconds,
    p50Seconds: percentile(delaysSeconds, 0.5),
    p90Seconds: percentile(delaysSeconds, 0.9),
  };
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
