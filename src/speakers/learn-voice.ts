import { MAX_ADAPTATIONS, type Profile } from './profile.js';

/** What was heard of a voice that is said to be an enrolled speaker's. */
export interface HeardVoice {
  /** L2-normalised embeddings. */
  readonly windows: readonly Float32Array[];
  /** All of it pooled, L2-normalised. */
  readonly direction: Float32Array;
  /** Net speech. */
  readonly seconds: number;
}

/** The profile with what was heard beside it, as its last adaptation: it counts where adaptation is on, and can be undone. */
export function adaptedProfile(profile: Profile, { direction, seconds }: HeardVoice): Profile {
  const adaptation = { vector: direction, seconds, probability: 1 };
  return {
    ...profile,
    adaptations: [...(profile.adaptations ?? []), adaptation].slice(-MAX_ADAPTATIONS),
  };
}
