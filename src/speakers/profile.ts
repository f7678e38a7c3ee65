import type { Calibration, Scoring } from '../model/types.js';
import { WhospeaksError } from '../errors.js';
import { nameKey } from './speaker-name.js';

/** Which network made an embedding. Embeddings of two networks cannot be compared. */
export interface ModelIdentity {
  readonly name: string;
  /** sha256 (hex) of the canonical weights. */
  readonly fingerprint: string;
  readonly calibration?: Calibration | undefined;
  /** What standardised scores mean; default the tracker's own. */
  readonly scoring?: Scoring | undefined;
  /** Unit embeddings of other people, to normalise scores with. */
  readonly cohort?: readonly Float32Array[] | undefined;
}

/** What was learnt of a speaker after the enrolment. Kept apart from it, so that it can be undone. */
export interface Adaptation {
  /** L2-normalised. */
  readonly vector: Float32Array;
  /** Net speech behind it. */
  readonly seconds: number;
  readonly probability: number;
  /** ISO 8601; set when stored. */
  readonly addedAt?: string | undefined;
}

/** Windows that a new profile keeps as they are. */
export const MAX_EXEMPLARS = 16;

/** Adaptations kept of a speaker: the latest. */
export const MAX_ADAPTATIONS = 8;

/** An enrolled speaker: what one network heard of one voice. Immutable: what is learnt later lies apart. */
export interface Profile {
  readonly name: string;
  /** Set by a store: a random text that stays with the speaker under any name, for logs and the audit trail. */
  readonly id?: string | undefined;
  readonly model: { readonly name: string; readonly fingerprint: string };
  /** Length of every embedding below. */
  readonly dimension: number;
  /** Robust mean of the enrolment windows, as they are and as heard elsewhere, L2-normalised: what windows are compared with. */
  readonly centroid: Float32Array;
  /** Some of the windows themselves, L2-normalised: an even choice of the enrolment's, the last ones of a voice named on a stream. */
  readonly exemplars: readonly Float32Array[];
  /** Net speech heard at enrolment, seconds. */
  readonly speechSeconds: number;
  /** Recordings enrolled from. */
  readonly recordings: number;
  /** Mean cosine of the enrolment windows with their own middle; low where they do not sound alike. */
  readonly consistency: number;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Learnt later, oldest first; never touches the fields above, and counts only where adaptation is on. */
  readonly adaptations?: readonly Adaptation[] | undefined;
}

/** @throws {WhospeaksError} `model-mismatch`, naming both models, where a profile is another network's. */
export function assertSameModel(model: ModelIdentity, profiles: readonly Profile[]): void {
  for (const profile of profiles) {
    if (profile.model.fingerprint === model.fingerprint) continue;
    throw new WhospeaksError(
      'model-mismatch',
      `speaker "${profile.name}" was enrolled with model ${describeModel(profile.model)}, but the model in use is ` +
        `${describeModel(model)}; enrol the speaker again, or use the first model; docs/upgrade.md says how to change models`,
    );
  }
}

function describeModel({ name, fingerprint }: { name: string; fingerprint: string }): string {
  return `"${name}" (${fingerprint.slice(0, 12)})`;
}

/** @throws {WhospeaksError} `speaker-exists` where two have one name. */
export function assertDistinct(speakers: readonly Profile[]): void {
  const seen = new Set<string>();
  for (const { name } of speakers) {
    if (seen.has(nameKey(name))) {
      throw new WhospeaksError(
        'speaker-exists',
        `two of the speakers are called "${name}"; rename one of them`,
      );
    }
    seen.add(nameKey(name));
  }
}
