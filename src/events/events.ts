import type { z } from 'zod';
import type { Profile } from '../speakers/profile.js';
import type { COMMAND_SCHEMAS, EVENT_SCHEMAS, overlapStretchSchema, stretchSchema } from './event-schemas.js';

/** The label of speech that matches no enrolled speaker, and not surely any one unenrolled voice. */
export const UNKNOWN = 'unknown';

/** `unknown`, or the stable label of one unenrolled voice: `unknown-1`, `unknown-2`, … No speaker may be enrolled under one. */
export function isUnknownLabel(label: string): boolean {
  return label === UNKNOWN || /^unknown-\d+$/.test(label);
}

/** What a schema describes, not to be changed. */
type Told<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

type DeepReadonly<Value> = Value extends Profile
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
      : Value;

type Schemas = typeof EVENT_SCHEMAS;
type Commands = typeof COMMAND_SCHEMAS;

/** A stretch of speech in the stream; `endSample` is exclusive. */
export type SpeechStretch = Told<typeof stretchSchema>;

/** A stretch in which two voices are heard at once. */
export type OverlapStretch = Told<typeof overlapStretchSchema>;

/**
 * The best guess about a turn that is not settled. An event of turn n withdraws earlier events of turns after
 * n; they are repeated where they still hold.
 */
export type TentativeEvent = Told<Schemas['tentative']>;

/**
 * A turn, settled: no later `final` contradicts it. Finals come in order of time and do not overlap. One
 * comes when the next turn began as long ago as the latency says, or a pause ended it.
 */
export type FinalEvent = Told<Schemas['final']>;

/**
 * A settled turn has another label now: it was assigned, an unknown voice was named, two proved to be one or one two, the turn was not
 * the enrolled speaker's whose name it had, or it was nobody's and is somebody's, as later turns show.
 */
export type CorrectionEvent = Told<Schemas['correction']>;

/** An unknown voice was named: it is an enrolled speaker's from here on, or another unknown voice's. */
export type NamedEvent = Told<Schemas['named']>;

/** No one speaks now. */
export type SilenceEvent = Told<Schemas['silence']>;

/** A live source was not read fast enough and dropped its oldest audio. */
export type LagEvent = Told<Schemas['lag']>;

/** Something the user should know, that does not end the stream. */
export type WarningEvent = Told<Schemas['warning']>;

/** The stream ended; everything before it was emitted. */
export type EndEvent = Told<Schemas['end']>;

/** What the tracker tells. All positions are samples at 16 kHz from the start of the stream. */
export type IdentifyEvent = { [Type in keyof Schemas]: Told<Schemas[Type]> }[keyof Schemas];

/** The unknown voice `label` (`unknown-1`) is `speaker`: a new name, an enrolled speaker, or another unknown voice. */
export type NameCommand = Told<Commands['name']>;

/** That turn was `speaker`, whatever it was told as. */
export type AssignCommand = Told<Commands['assign']>;

/** Replace the set of enrolled speakers. */
export interface SpeakersCommand {
  readonly type: 'speakers';
  readonly speakers: readonly Profile[];
}

/** What a live stream can be told. A command that cannot be obeyed becomes a `warning` event. */
export type TrackCommand = NameCommand | AssignCommand | SpeakersCommand;
