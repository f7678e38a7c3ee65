import { assignLargest } from '../../src/evaluate/assignment.js';

/** Word errors of the best permutation of speakers, out of the words of the reference. */
export interface CpWordErrors {
  readonly errors: number;
  readonly words: number;
}

/** Words of each speaker, in order. */
export type SpeakerStreams = readonly (readonly string[])[];

/**
 * Concatenated minimum-permutation word errors (cpWER; Watanabe et al. 2020): each speaker's words in a row, aligned with
 * those of the hypothesis' speaker that makes the sum of errors smallest. Who has no partner is aligned with nothing.
 */
export function cpWordErrors(reference: SpeakerStreams, hypothesis: SpeakerStreams): CpWordErrors {
  const size = Math.max(reference.length, hypothesis.length);
  const streams = (side: SpeakerStreams): SpeakerStreams =>
    Array.from({ length: size }, (_, i) => side[i] ?? []);
  const told = streams(hypothesis);
  const distances = streams(reference).map((said) => told.map((words) => wordDistance(said, words)));
  const columns = assignLargest(distances.map((row) => row.map((distance) => -distance)));
  return {
    errors: columns.reduce((sum, column, row) => sum + distances[row]![column]!, 0),
    words: reference.reduce((sum, words) => sum + words.length, 0),
  };
}

/** Substitutions, deletions and insertions between two lists of words (Levenshtein 1966). */
export function wordDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (word === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Words by speaker, in their order. */
export function streamsOf(words: readonly string[], speakers: readonly string[]): SpeakerStreams {
  const streams = new Map<string, string[]>();
  words.forEach((word, i) => {
    const own = streams.get(speakers[i]!);
    if (own === undefined) streams.set(speakers[i]!, [word]);
    else own.push(word);
  });
  return [...streams.values()];
}
