import type { ErrorCode } from '../errors.js';
import type { Profile } from '../speakers/profile.js';

/** The label of speech that matches no enrolled speaker, and not surely any one unenrolled voice. */
export const UNKNOWN = 'unknown';

/** `unknown`, or the stable label of one unenrolled voice: `unknown-1`, `unknown-2`, … No speaker may be enrolled under one. */
export function isUnknownLabel(label: string): boolean {
  return label === UNKNOWN || /^unknown-\d+$/.test(label);
}

/** A stretch of the stream in which somebody is heard; `endSample` is exclusive. */
export interface SpeechStretch {
  readonly startSample: number;
  readonly endSample: number;
}

/** One turn, as far as it is known: who speaks from where to where, and how sure that is. */
interface TurnFields {
  /** Number of the turn; turns are numbered in order of time. */
  readonly turn: number;
  /** 0, 1, 2 … within the turn; a later revision replaces the earlier. */
  readonly revision: number;
  /** Where the turn is estimated to begin. */
  readonly startSample: number;
  /** Exclusive; of a turn in progress, how far it was heard. */
  readonly endSample: number;
  /** How far into the stream the decision was made. */
  readonly atSample: number;
  /** An enrolled name, `unknown-1`, `unknown-2` … (one unenrolled voice each), or `UNKNOWN`. */
  readonly speaker: string;
  /** Whether `speaker` is an enrolled name. */
  readonly known: boolean;
  /** Cosine of the pooled evidence with the speaker's voice, of `UNKNOWN` with the best enrolled one; -1 to 1. */
  readonly score: number;
  /**
   * Probability that this label is right, 0 to 1, as far as the model's calibration goes; of `UNKNOWN`, `unknown-1` … that nobody
   * enrolled speaks, whoever of the others it is.
   */
  readonly probability: number;
}

/** A stretch in which two voices are heard at once. */
export interface OverlapStretch extends SpeechStretch {
  /** The label of who speaks beside the turn's speaker; null where that cannot be told. */
  readonly other: string | null;
}

interface OverlapFields {
  /** Two voices are heard at once: of a turn that is not settled, at its end; of a settled one, somewhere in it. */
  readonly overlap: boolean;
  /** Labels of who speaks beside the speaker then, where that can be told. */
  readonly others: readonly string[];
}

/**
 * What is believed now of a turn that is not settled. An event of turn n withdraws what was told of turns
 * after n: they are told again where they still stand.
 */
export interface TentativeEvent extends TurnFields, OverlapFields {
  readonly type: 'tentative';
}

/**
 * A turn, settled: no later `final` contradicts it. Finals come in order of time and do not overlap. One
 * comes when the next turn began as long ago as the latency says, or a pause ended it.
 */
export interface FinalEvent extends TurnFields, OverlapFields {
  readonly type: 'final';
  /** Where in the turn somebody was heard, in order: without pauses of 0.3 s and more. At least one stretch. */
  readonly speech: readonly SpeechStretch[];
  /** Where in the turn two voices are heard at once, in order. */
  readonly overlaps: readonly OverlapStretch[];
}

/**
 * A settled turn has another label now: an unknown voice was named, two proved to be one or one two, the turn was not
 * the enrolled speaker's whose name it had, or it was nobody's and is somebody's, as later turns show.
 */
export interface CorrectionEvent extends TurnFields {
  readonly type: 'correction';
  /** The label before. */
  readonly was: string;
}

/** An unknown voice was named: from here on it is enrolled. */
export interface NamedEvent {
  readonly type: 'named';
  readonly atSample: number;
  /** What it was called: `unknown-1`. */
  readonly label: string;
  readonly speaker: string;
  /** Its enrolment, made from what was heard of it on this stream; a `ProfileStore` can keep it. */
  readonly profile: Profile;
}

/** Nobody speaks any more. */
export interface SilenceEvent {
  readonly type: 'silence';
  readonly startSample: number;
  readonly atSample: number;
}

/** A live source was not read fast enough and dropped its oldest audio. */
export interface LagEvent {
  readonly type: 'lag';
  /** Position of the first lost sample. */
  readonly startSample: number;
  readonly lostSamples: number;
}

/** Something the user should know, that does not end the stream. */
export interface WarningEvent {
  readonly type: 'warning';
  readonly code: 'input-all-zero' | 'command-refused';
  readonly startSample: number;
  readonly message: string;
  /** Of a refused command: the code of the error that it was, such as `speaker-not-found`. */
  readonly reason?: ErrorCode | undefined;
}

/** The stream ended; everything before it was emitted. */
export interface EndEvent {
  readonly type: 'end';
  /** Length of the stream. */
  readonly endSample: number;
}

/** What the tracker tells. All positions are samples at 16 kHz from the start of the stream. */
export type IdentifyEvent =
  | TentativeEvent
  | FinalEvent
  | CorrectionEvent
  | NamedEvent
  | SilenceEvent
  | LagEvent
  | WarningEvent
  | EndEvent;

/** Call the unknown voice `label` (`unknown-1`) `speaker` from now on, and enrol it. */
export interface NameCommand {
  readonly type: 'name';
  readonly label: string;
  readonly speaker: string;
}

/** Replace the set of enrolled speakers. */
export interface SpeakersCommand {
  readonly type: 'speakers';
  readonly speakers: readonly Profile[];
}

/** What a live stream can be told. A command that cannot be obeyed becomes a `warning` event. */
export type TrackCommand = NameCommand | SpeakersCommand;
