import type { Profile } from 'whospeaks';
import type { Recording } from './recordings.js';
import { namedShares, type Named } from './score.js';
import { answersOf, type System } from './systems.js';

/** What is named where nobody who speaks is enrolled, but `count` others are: those of the other recordings, spread over all. */
export function strangersNamed(recordings: readonly Recording[], count: number, system: System): Named {
  const everybody = new Map<string, Profile>();
  for (const { enrolled, absent } of recordings) {
    for (const profile of [...enrolled, ...absent.map((other) => other.profile)])
      everybody.set(profile.name, profile);
  }
  const strange = recordings.map((recording, i) => {
    const speakers = new Set(recording.turns.map(({ speaker }) => speaker));
    const others = [...everybody.values()].filter((profile) => !speakers.has(profile.name));
    const enrolled = others.map((_, k) => others[(k * 7 + i * 13) % others.length]!);
    return { ...recording, enrolled: [...new Set(enrolled)].slice(0, count) };
  });
  return namedShares(answersOf(strange, system));
}
