import { isUnknownLabel } from '../events/events.js';
import { sumOf } from './sum.js';
import { slices, type ScoringOptions } from './timeline.js';
import type { Turn } from './turns.js';

export interface IdentificationOptions extends ScoringOptions {
  /** The names that the system knew; any other name in the reference is a stranger, who should be `unknown`. */
  enrolled: Iterable<string>;
}

/** Seconds of reference speech by what was said of them. They add up to `speechSeconds`. */
export interface IdentificationError {
  /** Share of the speech seconds that got anything but the right answer, 0 to 1. */
  readonly rate: number;
  /** Where at least one reference speaker talks, seconds; each second counts once. */
  readonly speechSeconds: number;
  /** An enrolled speaker under his name. */
  readonly rightNameSeconds: number;
  /** A stranger called unknown. */
  readonly rightUnknownSeconds: number;
  /** An enrolled speaker under another enrolled name. */
  readonly wrongNameSeconds: number;
  /** A stranger under an enrolled name. */
  readonly unknownAcceptedSeconds: number;
  /** An enrolled speaker called unknown. */
  readonly knownRefusedSeconds: number;
  /** Speech taken for silence. */
  readonly missedSeconds: number;
  /** Labels where nobody talks; not among the speech seconds. */
  readonly falseAlarmSeconds: number;
}

/**
 * Identification error per second of speech. Names count as they are: nothing is mapped. Where speakers
 * overlap, the answer is right if it is right for one of them; a name is then wrong before it is an accepted
 * stranger. A hypothesis that overlaps itself is judged by its best label.
 */
export function identificationError(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  { enrolled, ...scoring }: IdentificationOptions,
): IdentificationError {
  const known = new Set(enrolled);
  const seconds = {
    rightName: 0,
    rightUnknown: 0,
    wrongName: 0,
    unknownAccepted: 0,
    knownRefused: 0,
    missed: 0,
  };
  let falseAlarmSeconds = 0;
  for (const slice of slices(reference, hypothesis, scoring)) {
    const length = slice.endSeconds - slice.startSeconds;
    if (slice.reference.size > 0) seconds[judge(slice.reference, slice.hypothesis, known)] += length;
    else if (slice.hypothesis.size > 0) falseAlarmSeconds += length;
  }
  const speechSeconds = Object.values(seconds).reduce((sum, s) => sum + s, 0);
  return withRate({
    rate: NaN,
    speechSeconds,
    rightNameSeconds: seconds.rightName,
    rightUnknownSeconds: seconds.rightUnknown,
    wrongNameSeconds: seconds.wrongName,
    unknownAcceptedSeconds: seconds.unknownAccepted,
    knownRefusedSeconds: seconds.knownRefused,
    missedSeconds: seconds.missed,
    falseAlarmSeconds,
  });
}

/** Recordings together, one or more: seconds are summed before they are divided. */
export function totalIdentification(errors: readonly IdentificationError[]): IdentificationError {
  return withRate(sumOf(errors));
}

function withRate(error: IdentificationError): IdentificationError {
  const { speechSeconds, rightNameSeconds, rightUnknownSeconds } = error;
  const rightSeconds = rightNameSeconds + rightUnknownSeconds;
  return { ...error, rate: speechSeconds > 0 ? 1 - rightSeconds / speechSeconds : 0 };
}

type Verdict = 'rightName' | 'rightUnknown' | 'wrongName' | 'unknownAccepted' | 'knownRefused' | 'missed';

function judge(
  speakers: ReadonlySet<string>,
  labels: ReadonlySet<string>,
  known: ReadonlySet<string>,
): Verdict {
  if (labels.size === 0) return 'missed';
  const names = [...labels].filter((label) => !isUnknownLabel(label));
  const strangers = [...speakers].some((speaker) => !known.has(speaker));
  const friends = [...speakers].some((speaker) => known.has(speaker));
  if (names.some((name) => known.has(name) && speakers.has(name))) return 'rightName';
  if (strangers && names.length < labels.size) return 'rightUnknown';
  if (names.length > 0) return friends ? 'wrongName' : 'unknownAccepted';
  return 'knownRefused';
}
