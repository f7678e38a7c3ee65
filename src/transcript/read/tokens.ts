import { beginsUnspaced } from '../words/text.js';
import type { PhraseWord } from './phrase.js';

/** A blank, or the sign that SentencePiece has for one. */
const BLANK = /^[\s▁]/;

/**
 * Pieces of words to words: a piece with a blank before it begins one, as does a sign of a script without blanks. A word is
 * as sure as the least sure of its pieces.
 */
export function wordsOfTokens(tokens: readonly PhraseWord[]): PhraseWord[] {
  const words: PhraseWord[] = [];
  for (const token of tokens) {
    const text = token.text.replace(/▁/g, ' ');
    const last = words.at(-1);
    if (last === undefined || BLANK.test(token.text) || beginsUnspaced(text)) {
      words.push({ ...token, text: text.trimStart() });
      continue;
    }
    words[words.length - 1] = {
      ...last,
      text: last.text + text,
      start: last.start ?? token.start,
      end: token.end ?? last.end,
      confidence: lesser(last.confidence, token.confidence),
    };
  }
  return words;
}

function lesser(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
