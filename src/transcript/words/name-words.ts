import type { TranscriptSegment } from '../segment.js';
import { posteriors } from './chain.js';
import { NAMING } from './settings.js';
import { speakerTimes, type SpeakerTimes } from './speaker-times.js';
import type { Word } from './word.js';

/** A word with whoever says it. */
export type NamedWord = Omit<Word, 'speaker'> & {
  /** A label of the segments; `unknown` where nobody talks within 2 s. */
  readonly speaker: string;
  /** Whether `speaker` is an enrolled name. */
  readonly known: boolean;
  /** Probability that the word is this speaker's, 0 to 1. */
  readonly probability: number;
};

/** What the voice says of a doubtful word. `hearWords` makes one. */
export interface WordVoices {
  /**
   * How much likelier the sound of the word is if this speaker says it, a natural logarithm, but for a term that all
   * speakers share. 0 of every speaker: the voice says nothing.
   */
  logLikelihood(word: Word, speaker: string): number;
}

export interface NameWordsOptions {
  /** Default: times alone decide. */
  readonly voices?: WordVoices | undefined;
}

/** A word, its speakers who are near, and how likely each is by time alone. */
interface Placed {
  readonly word: Word;
  readonly near: readonly SpeakerTimes[];
  readonly byTime: readonly number[];
}

/** The words of a whole recording under names, by the rules that the public `nameWords` states. */
export function nameWords(
  words: readonly Word[],
  segments: readonly TranscriptSegment[],
  { voices }: NameWordsOptions = {},
): NamedWord[] {
  const named = new Array<NamedWord>(words.length);
  const hasChannels = segments.some(({ channel }) => channel !== undefined);
  const channels = new Set(hasChannels ? words.map(({ channel }) => channel) : [undefined]);
  for (const channel of channels) {
    const isOwn = (at: { readonly channel?: number | undefined }): boolean =>
      channel === undefined || at.channel === channel;
    const positions = [...words.keys()].filter((i) => !hasChannels || words[i]!.channel === channel);
    const placed = placeWords(
      positions.map((i) => words[i]!),
      segments.filter(isOwn),
    );
    settle(placed, voices).forEach((word, k) => (named[positions[k]!] = word));
  }
  return named;
}

/** The words that time alone leaves in doubt, in order: between two speakers at a change, in a gap, or where two talk at once. */
export function doubtfulWords(words: readonly Word[], segments: readonly TranscriptSegment[]): Word[] {
  return placeWords(words, segments)
    .filter(({ byTime }) => isDoubtful(byTime))
    .map(({ word }) => word);
}

function isDoubtful(byTime: readonly number[]): boolean {
  const [best, second] = [...byTime].sort((a, b) => b - a);
  return second !== undefined && best! - second < NAMING.doubt;
}

function placeWords(words: readonly Word[], segments: readonly TranscriptSegment[]): Placed[] {
  const speakers = speakerTimes(segments);
  return words.map((word) => {
    const middle = (word.start + word.end) / 2;
    const distances = speakers.map((speaker) => speaker.distance(middle));
    const near = speakers.filter((_, i) => distances[i]! <= NAMING.reachSeconds);
    const byTime = distances
      .filter((distance) => distance <= NAMING.reachSeconds)
      .map((distance) => -softPlus(distance / NAMING.edgeSeconds));
    return { word, near, byTime };
  });
}

/** Logarithm of 1 + e^x. */
function softPlus(x: number): number {
  return x > 30 ? x : Math.log1p(Math.exp(x));
}

/** Words without anybody near stand alone; those between them are sequences. */
function settle(placed: readonly Placed[], voices: WordVoices | undefined): NamedWord[] {
  const named: NamedWord[] = [];
  for (let at = 0; at < placed.length;) {
    if (placed[at]!.near.length === 0) {
      named.push({ ...placed[at++]!.word, speaker: 'unknown', known: false, probability: 0 });
      continue;
    }
    let end = at;
    while (end < placed.length && placed[end]!.near.length > 0) end++;
    for (const word of settleSequence(placed.slice(at, end), voices)) named.push(word);
    at = end;
  }
  return named;
}

function settleSequence(sequence: readonly Placed[], voices: WordVoices | undefined): NamedWord[] {
  const evidence = sequence.map((placed) => evidenceOf(placed, voices));
  const transition = (position: number, from: number, to: number): number => {
    const [before, after] = [sequence[position - 1]!, sequence[position]!];
    return before.near[from] === after.near[to] ? 0 : -changeCost(before.word, after.word);
  };
  return posteriors(evidence, transition).map((shares, i) => {
    const { word, near } = sequence[i]!;
    const best = shares.indexOf(Math.max(...shares));
    const { speaker, known } = near[best]!;
    const certainty = near[best]!.probability((word.start + word.end) / 2);
    return { ...word, speaker, known, probability: shares[best]! * certainty };
  });
}

/** Where two talk at once the sound is of both, and says less of whose the word is. */
function evidenceOf({ word, near, byTime }: Placed, voices: WordVoices | undefined): readonly number[] {
  if (voices === undefined || !isDoubtful(byTime)) return byTime;
  const talking = byTime.filter((value) => value > -Math.LN2).length;
  const weight = talking > 1 ? NAMING.voiceWeightTogether : NAMING.voiceWeight;
  const byVoice = near.map(({ speaker }) => weight * voices.logLikelihood(word, speaker));
  const most = Math.max(...byVoice);
  return byTime.map((value, i) => value + Math.max(byVoice[i]! - most, -NAMING.maxVoice));
}

/** Words go on with one speaker where there is no pause between them. */
function changeCost(before: Word, after: Word): number {
  return NAMING.changeCost * Math.exp(-Math.max(0, after.start - before.end) / NAMING.pauseSeconds);
}
