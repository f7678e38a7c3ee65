import { WhospeaksError } from '../../errors.js';
import type { Phrase } from './phrase.js';

/** `00:01:02,345 --> 00:01:04.000`, the hours optional; cue settings may follow. */
const TIMES =
  /^\s*((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})(?:\s|$)/;
const VOICE = /^\s*<v(?:\.[^\s>]*)?\s+([^>]+)>/;
const TAG = /<[^<>]*>|\{\\[^{}]*\}/g;
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|nbsp|quot|apos|lrm|rlm));/gi;
const NAMED_REFERENCES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  quot: '"',
  apos: "'",
  lrm: '\u200e',
  rlm: '\u200f',
};
const LINE_END = /\r\n|\r|\n/;

/** Whether a text is captions, SubRip or WebVTT. */
export function captionsFormat(text: string): 'srt' | 'vtt' | undefined {
  const head = text.slice(0, 100_000).replace(/^\uFEFF/, '');
  if (/^WEBVTT(?:\s|$)/.test(head)) return 'vtt';
  return head.split(LINE_END, 10_000).some((line) => TIMES.test(line)) ? 'srt' : undefined;
}

/**
 * Cues of SubRip or WebVTT: a phrase each, without mark-up. A voice (`<v alice>`) is its speaker.
 * @throws {WhospeaksError} `transcript-format` with the number of the line where times cannot be read
 */
export function readCaptions(text: string): Phrase[] {
  const phrases: Phrase[] = [];
  const lines = text.split(LINE_END);
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]!.includes('-->')) continue;
    const times = TIMES.exec(lines[at]!);
    if (times === null) {
      throw new WhospeaksError(
        'transcript-format',
        `line ${at + 1}: expected times such as 00:01:02.345 --> 00:01:04.000, received "${lines[at]!.slice(0, 60)}"`,
      );
    }
    const said: string[] = [];
    while (at + 1 < lines.length && lines[at + 1]!.trim() !== '' && !lines[at + 1]!.includes('-->'))
      said.push(lines[++at]!);
    const cue = said.join('\n');
    const voice = VOICE.exec(cue)?.[1];
    phrases.push({
      text: resolved(cue.replace(TAG, '')),
      start: secondsOf(times[1]!),
      end: secondsOf(times[2]!),
      speaker: voice === undefined ? undefined : resolved(voice).trim(),
    });
  }
  return phrases;
}

function secondsOf(time: string): number {
  return time
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => 60 * sum + Number(part), 0);
}

/** Character references, as HTML and so WebVTT has them, as the characters that they stand for. */
function resolved(text: string): string {
  return text.replace(REFERENCE, (all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED_REFERENCES[name.toLowerCase()]!;
    const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
