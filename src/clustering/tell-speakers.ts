import type { ModelIdentity } from '../speakers/profile.js';
import { profileOfVoice } from '../speakers/profile-of-voice.js';
import type { FoundSpeaker } from './cluster-voices.js';
import type { SpeakerSegment } from './reconstruct.js';
import type { DiarizedSegment, DiarizedSpeaker } from './types.js';

/** What a profile is made of at the most: the surest. */
const MAX_EMBEDDINGS = 512;

/**
 * Names for the speakers that have a segment, in order of who is heard first: an enrolled speaker's own, for the others
 * `unknown-1`, `unknown-2`, ...
 *
 * @param firstUnknown the number of the first
 */
export function tellSpeakers(
  found: readonly FoundSpeaker[],
  segments: readonly SpeakerSegment[],
  model: ModelIdentity,
  firstUnknown: number,
): { readonly segments: DiarizedSegment[]; readonly speakers: DiarizedSpeaker[] } {
  const seconds = new Map<number, number>();
  for (const { speaker, start, end } of segments)
    seconds.set(speaker, (seconds.get(speaker) ?? 0) + end - start);
  let unknown = firstUnknown;
  const told = new Map<number, DiarizedSpeaker>();
  for (const [speaker, said] of seconds) {
    const { profile, embeddings } = found[speaker]!;
    const label = profile?.name ?? `unknown-${unknown++}`;
    const windows = embeddings.slice(-MAX_EMBEDDINGS);
    told.set(speaker, {
      label,
      known: profile !== null,
      seconds: said,
      profile: profile ?? profileOfVoice(label, model, { windows, seconds: said }),
    });
  }
  return {
    segments: segments.map(({ speaker, ...segment }) => {
      const { label, known } = told.get(speaker)!;
      return { speaker: label, known, ...segment };
    }),
    speakers: [...told.values()],
  };
}
