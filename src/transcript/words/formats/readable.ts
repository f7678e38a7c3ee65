import { clockText } from '../../readable.js';
import { utterancesOf } from '../utterances.js';
import type { WordWriter } from './named-transcript.js';

/** Whoever goes on after a pause begins a new line, and after a long one a new paragraph of minutes, seconds. */
const LINE_PAUSE_SECONDS = 2;
const PARAGRAPH_PAUSE_SECONDS = 10;

/** Plain text to read: a line an utterance. */
export const writeTextWords: WordWriter = ({ words }) =>
  utterancesOf(words, { pauseSeconds: LINE_PAUSE_SECONDS })
    .map(({ speaker, start, text }) => `${clockText(start)}  ${speaker}: ${text}\n`)
    .join('');

/** Minutes as Markdown: a paragraph an utterance, with who and when before it. */
export const writeMinutes: WordWriter = ({ recording, words }) => {
  const paragraphs = utterancesOf(words, { pauseSeconds: PARAGRAPH_PAUSE_SECONDS }).map(
    ({ speaker, start, text }) => `**${escaped(speaker)}** (${clockText(start)}): ${escaped(text)}\n`,
  );
  return [`# ${escaped(recording)}\n`, ...paragraphs].join('\n');
};

/** What Markdown takes for mark-up. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, '\\$&');
}
