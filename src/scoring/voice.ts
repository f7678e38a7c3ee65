import type { Profile } from '../speakers/profile.js';
import type { Cohort, CohortStats } from './cohort.js';

/** A voice that a turn can be given to: an enrolled or an unknown speaker. Immutable. */
export interface Voice {
  /** Positive; the same as long as it is the same person, whatever the name. */
  readonly id: number;
  readonly label: string;
  /** Enrolled. */
  readonly known: boolean;
  /** L2-normalised. */
  readonly centroid: Float32Array;
  /** Speech behind the centroid; of an enrolled speaker, behind the profile. */
  readonly seconds: number;
  /** The centroid's cosines with the cohort; null where there is none. */
  readonly stats: CohortStats | null;
}

/** Id of a new voice. */
export const NOVEL = 0;

/** What a stretch of speech sounds like: its windows, pooled. */
export interface Evidence {
  /** L2-normalised. */
  readonly direction: Float32Array;
  /** Net speech. */
  readonly seconds: number;
  readonly stats: CohortStats | null;
}

/** An enrolled speaker, where one is compared by itself. */
export function enrolledVoice(
  cohort: Cohort | null,
  {
    name = '',
    centroid,
    speechSeconds,
  }: Pick<Profile, 'centroid' | 'speechSeconds'> & { readonly name?: string },
  id = 1,
): Voice {
  return voiceOf(cohort, { id, label: name, known: true, centroid, seconds: speechSeconds });
}

/** A voice whose cohort scores are computed when first asked for: of thousands, few ever are. */
export function voiceOf(cohort: Cohort | null, voice: Omit<Voice, 'stats'>): Voice {
  let stats: Voice['stats'] | undefined;
  return {
    ...voice,
    get stats() {
      stats ??= cohort?.stats(voice.centroid) ?? null;
      return stats;
    },
  };
}
