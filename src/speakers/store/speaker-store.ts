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
   * Whose place the profile takes; default nobody's: the name must be free. A name: that speaker's, whatever is stored of it,
   * or nobody's where there is none. A profile as `get` gave it: that speaker's, and only where it is still stored so
   * (`speaker-changed` otherwise), so that of two changes at once none is lost. A profile with another name renames.
   */
  readonly replaces?: string | Profile | undefined;
  /** What is kept of the recordings from now on. Default: what is kept stays with a voiceprint that stays, and goes with one that does not. */
  readonly recordings?: readonly KeptRecording[] | undefined;
  /** Who does it, for the audit trail: a token's id, not a person's name. */
  readonly by?: string | undefined;
}

export interface DeleteOptions {
  /**
   * Leave nothing: neither profile nor adaptations, recordings, what was removed earlier under this name, nor what the audit
   * trail says of them. Default: it can be restored until its time is over.
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
 * Where enrolled speakers are kept. `ProfileStore` keeps them in a folder; write your own for a database, check it with
 * `speakerStoreContract` of `whospeaks/testing`, and hand it to `createService` or to `--store` of the command line.
 *
 * Names are unique whatever their case (`nameKey`). Several processes may use one store: each change is whole, and what `get`
 * and `list` say is what is stored at that moment. Profiles that they return are not changed by anybody.
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
   * Call `onChange` within a second of each change, whoever made it: another process too. It may be called where nothing
   * changed. Returns how to end that; a process may end without it.
   */
  watch(onChange: () => void): () => void;
  /** What was changed, the oldest first: of all speakers, or of one that is stored or can be restored. */
  audit(name?: string): Promise<AuditEntry[]>;
  /** Speakers that `restore` can bring back, the last removed first. Without it, removing cannot be undone. */
  removed?(): Promise<RemovedSpeaker[]>;
  /** Bring back the speaker of this name that was removed last. Rejects with `speaker-not-found`, `speaker-exists` or `store-full`. */
  restore?(name: string, options?: { readonly by?: string | undefined }): Promise<Profile>;
  /** The recordings that are kept of a speaker. Without it, none are. Rejects with `speaker-not-found`. */
  recordings?(name: string): Promise<KeptRecording[]>;
}
