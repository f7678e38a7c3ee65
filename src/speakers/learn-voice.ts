import { addScaled, dot, unit } from '../vectors.js';
import { MAX_ADAPTATIONS, MAX_EXEMPLARS, type Profile } from './profile.js';

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

/** The profile as if what was heard had been a recording of its enrolment: it weighs by its speech. */
export function learntProfile(profile: Profile, { direction, windows, seconds }: HeardVoice): Profile {
  const sum = profile.centroid.map((value) => value * profile.speechSeconds);
  addScaled(sum, direction, seconds);
  const centroid = unit(sum);
  const total = profile.speechSeconds + seconds;
  // As many of each as its speech is of the whole, half of them at the most.
  const share = Math.min(0.5, seconds / total);
  const heard = windows.slice(-Math.max(1, Math.round(share * MAX_EXEMPLARS)));
  const kept = profile.exemplars.slice(0, MAX_EXEMPLARS - heard.length);
  const likeness = windows.reduce((mean, window) => mean + dot(window, centroid) / windows.length, 0);
  return {
    ...profile,
    centroid,
    exemplars: [...kept, ...heard],
    speechSeconds: total,
    recordings: profile.recordings + 1,
    consistency: (profile.consistency * profile.speechSeconds + likeness * seconds) / total,
  };
}
