/** The label of speech that matches no enrolled speaker. No speaker may be enrolled under it. */
export const UNKNOWN = 'unknown';

/**
 * Somebody began to speak, or the speaker changed. Emitted as soon as it is decided, on what was heard so
 * far: a later one that begins no later corrects it. The segments are the settled account.
 */
export interface SpeakerEvent {
  readonly type: 'speaker';
  /** Where this speaker's turn is estimated to begin. */
  readonly startSample: number;
  /** How far into the stream the decision was made; `atSample - startSample` is its delay. */
  readonly atSample: number;
  /** An enrolled name, or `UNKNOWN`. */
  readonly speaker: string;
  readonly known: boolean;
  /** Cosine of the pooled evidence with the best enrolled speaker, -1 to 1. */
  readonly score: number;
  /** Probability that this label is right, 0 to 1, as far as the model's calibration goes. */
  readonly probability: number;
}

/** Nobody speaks any more. */
export interface SilenceEvent {
  readonly type: 'silence';
  readonly startSample: number;
  readonly atSample: number;
}

/**
 * A finished turn; it is never revised. Segments come in order of time and do not overlap. One follows about
 * a second after its end lies outside the window, or at once where silence ended the turn.
 */
export interface SegmentEvent {
  readonly type: 'segment';
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
  readonly speaker: string;
  readonly known: boolean;
  readonly score: number;
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
  readonly code: 'input-all-zero';
  readonly startSample: number;
  readonly message: string;
}

/** The stream ended; everything before it was emitted. */
export interface EndEvent {
  readonly type: 'end';
  /** Length of the stream. */
  readonly endSample: number;
}

/** What the tracker tells. All positions are samples at 16 kHz from the start of the stream. */
export type IdentifyEvent = SpeakerEvent | SilenceEvent | SegmentEvent | LagEvent | WarningEvent | EndEvent;
