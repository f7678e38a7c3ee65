import { slices, type Trials } from 'whospeaks/evaluate';
import { SNRS_DB } from './conversations.js';
import type { Recording } from './recordings.js';

/** Share of a window that one person alone must speak in. */
const MIN_ALONE = 0.6;

/**
 * What one window says by itself: the cosine of each window in which one speaker alone is heard with every
 * enrolled voice; `targets` are the speaker's own.
 */
export function windowTrials(recordings: readonly Recording[]): { name: string; trials: Trials }[] {
  return SNRS_DB.map((db) => {
    const targets: number[] = [];
    const impostors: number[] = [];
    for (const recording of recordings.filter(({ spec }) => spec?.snrDb === db)) {
      for (const { startSample, endSample, embedding } of recording.windows) {
        const speaker = embedding && aloneIn(recording, startSample / 16_000, endSample / 16_000);
        if (!speaker) continue;
        for (const { name, centroid } of recording.enrolled) {
          const cosine = centroid.reduce((sum, x, i) => sum + x * embedding[i]!, 0);
          (name === speaker ? targets : impostors).push(cosine);
        }
      }
    }
    return { name: `one window of 1.5 s, noise at ${db} dB`, trials: { targets, impostors } };
  }).filter(({ trials }) => trials.targets.length > 0 && trials.impostors.length > 0);
}

function aloneIn({ turns }: Recording, startSeconds: number, endSeconds: number): string | null {
  const near = turns.filter((turn) => turn.endSeconds > startSeconds && turn.startSeconds < endSeconds);
  const speakers = new Set(near.map(({ speaker }) => speaker));
  if (speakers.size !== 1) return null;
  const seconds = slices(near, [], { scored: [{ startSeconds, endSeconds }] })
    .filter(({ reference }) => reference.size > 0)
    .reduce((sum, slice) => sum + slice.endSeconds - slice.startSeconds, 0);
  return seconds >= MIN_ALONE * (endSeconds - startSeconds) ? [...speakers][0]! : null;
}
