import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../speakers/store/speaker-store.js';
import type { StoreContents } from '../../speakers/store/store-contents.js';
import type { Profile } from '../../speakers/profile.js';
import type { Sealed } from './vault.js';

/** A speaker: sealed, the JSON of the profile with the keys of its recordings. */
export interface SpeakerRow extends Sealed {
  readonly id: string;
}

/** A speaker that was removed, sealed as it was. */
export interface TrashRow extends SpeakerRow {
  readonly removedMs: number;
  readonly untilMs: number;
}

/** A speaker that was removed. */
export interface Trashed {
  readonly row: TrashRow;
  /** Undefined where it is damaged. */
  readonly profile: Profile | undefined;
  readonly audio: readonly string[];
}

/** What is in the store; a speaker's `file` is its id. */
export interface Contents extends StoreContents {
  readonly revision: number;
  readonly rows: ReadonlyMap<string, SpeakerRow>;
  /** The last removed first. */
  readonly trashed: readonly Trashed[];
  /** Keys of all recordings. */
  readonly recordings: readonly string[];
}

export const auditSchema = z.looseObject({
  at: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  /** Of the speaker. */
  file: z.string().optional(),
  by: z.string().optional(),
});
export type AuditRow = z.output<typeof auditSchema>;

export const audioSchema = z.object({ audio: z.array(z.string()).default([]) });

export const SPEAKER_LABEL = 'speakers/';
export const RECORDING_LABEL = 'recordings/';

/** What a removed speaker is kept under. */
export function trashKey({ id, removedMs }: Pick<TrashRow, 'id' | 'removedMs'>): string {
  return `${id}.${removedMs}`;
}

/** What a recording is kept under: `RANDOM.UNTIL`, until in ms since 1970, 0 for ever. */
export function recordingKey(until: string | undefined): string {
  return `${randomId()}.${until === undefined ? 0 : Date.parse(until)}`;
}

/** Until when a recording is kept, ms since 1970; 0 for ever. */
export function untilOf(key: string): number {
  return Number(key.split('.')[1]);
}

export function isOver(key: string, nowMs: number): boolean {
  const ms = untilOf(key);
  return ms !== 0 && ms <= nowMs;
}

export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
