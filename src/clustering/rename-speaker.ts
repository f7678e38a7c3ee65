import type { Diarization, DiarizedSegment, DiarizedSpeaker } from './types.js';
import { joinProfiles } from '../speakers/join-profiles.js';
import type { Profile } from '../speakers/profile.js';

/** What came of a recording; words where a transcript came with it. */
interface Told extends Diarization {
  readonly transcript?: { readonly words: readonly ToldWord[] } | undefined;
}
interface ToldWord {
  readonly speaker: string;
  readonly known: boolean;
}

/** The result where the speaker `label` is called `name`: a new one, or one that is there already, who takes over the segments. */
export function renameSpeaker<Result extends Told>(
  result: Result,
  label: string,
  { name, known }: { readonly name: string; readonly known: boolean },
): Result {
  const { segments, speakers, transcript } = result;
  const renamed = segments.map((segment) =>
    segment.speaker === label ? { ...segment, speaker: name, known } : segment,
  );
  return {
    ...result,
    segments: joinOverlapping(renamed, name),
    speakers: joinSpeakers(
      speakers.map((speaker) => (speaker.label === label ? { ...speaker, label: name, known } : speaker)),
    ),
    transcript: transcript && {
      ...transcript,
      words: transcript.words.map((word) =>
        word.speaker === label ? { ...word, speaker: name, known } : word,
      ),
    },
  };
}

/** One speaker does not talk twice at once. */
function joinOverlapping(segments: readonly DiarizedSegment[], name: string): DiarizedSegment[] {
  const joined: DiarizedSegment[] = [];
  const last = new Map<number | undefined, number>();
  for (const segment of segments) {
    const at = segment.speaker === name ? last.get(segment.channel) : undefined;
    const before = at === undefined ? undefined : joined[at]!;
    if (at !== undefined && before !== undefined && before.end > segment.start) {
      const probability = Math.max(before.probability, segment.probability);
      joined[at] = { ...before, end: Math.max(before.end, segment.end), probability };
      continue;
    }
    if (segment.speaker === name) last.set(segment.channel, joined.length);
    joined.push(segment);
  }
  return joined.sort((a, b) => a.start - b.start || a.end - b.end);
}

function joinSpeakers(speakers: readonly DiarizedSpeaker[]): DiarizedSpeaker[] {
  const joined = new Map<string, DiarizedSpeaker>();
  for (const speaker of speakers) {
    const key = `${speaker.channel ?? ''} ${speaker.label}`;
    const before = joined.get(key);
    joined.set(key, before === undefined ? speaker : joinTwo(before, speaker));
  }
  return [...joined.values()];
}

function joinTwo(first: DiarizedSpeaker, second: DiarizedSpeaker): DiarizedSpeaker {
  const seconds = first.seconds + second.seconds;
  // The profile of an enrolled speaker is the store's to change.
  return {
    ...first,
    seconds,
    profile: first.known ? first.profile : joinHeard(first.profile, second.profile),
  };
}

/** Two voices of one recording: each counts for as much as it says. */
function joinHeard(first: Profile, second: Profile): Profile {
  const [a, b] = [first, second].map((profile) => ({ ...profile, recordings: profile.speechSeconds }));
  return { ...joinProfiles(a!, b!), recordings: 1 };
}
