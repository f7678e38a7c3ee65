import type { Profile } from '../profile.js';
import type { DamagedProfile } from './store-contents.js';
import type { StoreWarning } from './store-exposure.js';

/** What is stored. */
export interface ProfileList {
  /** By name. */
  readonly profiles: Profile[];
  /** Speakers that could not be read; the rest are unharmed. */
  readonly damaged: DamagedProfile[];
  /** What should not stay as it is: see `StoreWarning`. */
  readonly warnings: StoreWarning[];
}

/** A recording that a speaker was enrolled from, kept so that the profile can be made again for another model. */
export interface KeptRecording {
  /** An audio file; whospeaks writes mono 16 kHz FLAC of 16 bits. */
  readonly bytes: Uint8Array;
  /** ISO 8601: deleted from then on; without it, kept as long as the speaker. */
  readonly until?: string | undefined;
}

export interface PutOptions {
  /**
   * The speaker to replace. Default: none; the name must be free. A name: that speaker, if there is one. A profile from
   * `get`: that speaker, only if it is unchanged since (else `speaker-changed`). A profile with another name renames.
   */
  readonly replaces?: string | Profile | undefined;
  /** Recordings to keep from now on. Default: kept ones stay if the voiceprint stays. */
  readonly recordings?: readonly KeptRecording[] | undefined;
  /** Who does it, for the audit trail: a token's id, not a person's name. */
  readonly by?: string | undefined;
}

export interface DeleteOptions {
  /**
   * Erase profile, adaptations, recordings, earlier removals under this name, and their audit entries. Default: the speaker can be
   * restored for a time.
   */
  readonly erase?: boolean | undefined;
  readonly by?: string | undefined;
}

/** A speaker that was removed and can be restored. */
export interface RemovedSpeaker {
  readonly name: string;
  /** ISO 8601. */
  readonly removedAt: string;
  /** ISO 8601: deleted for good from then on. */
  readonly until: string;
}

export const AUDIT_ACTIONS = [
  'add',
  'replace',
  'rename',
  'adapt',
  'undo',
  'remove',
  'restore',
  'erase',
] as const;

/** One change. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly action: (typeof AUDIT_ACTIONS)[number];
  /** The speaker's `Profile.id`; absent where the speaker was erased. */
  readonly id?: string | undefined;
  /** What the speaker is called now, where it is stored or can be restored. */
  readonly name?: string | undefined;
  readonly by?: string | undefined;
}

/**
 * Enrolled speakers. `ProfileStore` keeps them in a folder; write your own for a database, check it with
 * `speakerStoreContract` of `whospeaks/testing`, and pass it to `createService` or `--store`.
 *
 * Names are unique in any case (`nameKey`). Several processes may use one store: each change is atomic, and `get` and `list`
 * return the current state. Returned profiles are immutable.
 */
export interface SpeakerStore {
  /** All speakers. */
  list(): Promise<ProfileList>;
  /** One speaker. Rejects with `speaker-not-found`, or `store-corrupt` where it cannot be read. */
  get(name: string): Promise<Profile>;
  /**
   * Store a speaker; nothing is replaced unasked. Returns it as stored, with `id` and `createdAt`.
   * Rejects with `speaker-name`, `speaker-exists`, `speaker-changed`, `speaker-not-found`, `store-full`.
   */
  put(
    profile: Profile,
    options?: PutOptions,
  ): Promise<{ readonly profile: Profile; readonly replaced: boolean }>;
  /** Remove a speaker, damaged or not. Rejects with `speaker-not-found`. */
  delete(name: string, options?: DeleteOptions): Promise<void>;
  /**
   * Call `onChange` within a second of each change by any process, perhaps also without one. Returns a function that stops it;
   * it does not keep the process alive.
   */
  watch(onChange: () => void): () => void;
  /** Changes, the oldest first: of all speakers, or of one that is stored or can be restored. */
  audit(name?: string): Promise<AuditEntry[]>;
  /** Speakers that `restore` can restore, the last removed first. Without this method, removing cannot be undone. */
  removed?(): Promise<RemovedSpeaker[]>;
  /** Restore the last removed speaker of this name. Rejects with `speaker-not-found`, `speaker-exists` or `store-full`. */
  restore?(name: string, options?: { readonly by?: string | undefined }): Promise<Profile>;
  /** Kept recordings of a speaker. Without this method, none are kept. Rejects with `speaker-not-found`. */
  recordings?(name: string): Promise<KeptRecording[]>;
}
