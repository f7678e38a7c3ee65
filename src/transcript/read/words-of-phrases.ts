import { WhospeaksError } from '../../errors.js';
import type { Word } from '../words/word.js';
import { wordsIn } from '../words/text.js';
import type { Phrase, PhraseWord } from './phrase.js';

type Timed = PhraseWord & { readonly start: number; readonly end: number };

/**
 * Words of phrases, in their order, and how many of them have estimated times: those of a phrase without words of its own,
 * and those that the recogniser could not place among their neighbours. Estimated times share the time there is by characters.
 *
 * @throws {WhospeaksError} `transcript-times` where there is no time to share
 */
export function wordsOfPhrases(phrases: readonly Phrase[]): { words: Word[]; estimatedWords: number } {
  const words: Word[] = [];
  let estimatedWords = 0;
  for (const phrase of phrases) {
    const told = (phrase.words ?? wordsIn(phrase.text).map((text): PhraseWord => ({ text })))
      .map((word) => ({ ...word, text: word.text.trim() }))
      .filter(({ text }) => text !== '');
    estimatedWords += told.filter((word) => !isTimed(word)).length;
    for (const word of timed(told, phrase)) words.push(wordOf(word, phrase));
  }
  return { words, estimatedWords };
}

function isTimed(word: PhraseWord): word is Timed {
  return word.start !== undefined && word.end !== undefined;
}

/** The same words, each with times. */
function timed(words: readonly PhraseWord[], phrase: Phrase): Timed[] {
  const out: Timed[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at]!;
    if (isTimed(word)) {
      out.push(word);
      at++;
      continue;
    }
    let to = at + 1;
    while (to < words.length && !isTimed(words[to]!)) to++;
    const start = out.at(-1)?.end ?? phrase.start;
    const end = words[to]?.start ?? phrase.end;
    if (start === undefined || end === undefined) throw timeless(word.text);
    for (const spreadWord of spread(words.slice(at, to), start, Math.max(start, end))) out.push(spreadWord);
    at = to;
  }
  return out;
}

/** Words that share a stretch of time by their characters. */
function spread(words: readonly PhraseWord[], start: number, end: number): Timed[] {
  const all = words.reduce((sum, { text }) => sum + text.length, 0);
  let before = 0;
  return words.map((word) => {
    const from = start + ((end - start) * before) / all;
    before += word.text.length;
    return { ...word, start: from, end: start + ((end - start) * before) / all };
  });
}

function wordOf({ text, start, end, ...word }: Timed, phrase: Phrase): Word {
  const speaker = word.speaker ?? phrase.speaker;
  const channel = word.channel ?? phrase.channel;
  const confidence = word.confidence ?? phrase.confidence;
  return {
    text,
    start,
    end,
    ...(speaker === undefined ? {} : { speaker }),
    ...(confidence === undefined ? {} : { confidence: Math.min(1, Math.max(0, confidence)) }),
    ...(channel === undefined ? {} : { channel }),
  };
}

function timeless(text: string): WhospeaksError {
  return new WhospeaksError(
    'transcript-times',
    `the transcript tells no times of "${text.slice(0, 40)}"; ask the recogniser for the times of words or of segments`,
  );
}
