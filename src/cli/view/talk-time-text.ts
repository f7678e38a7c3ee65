import type { TalkTime } from '../../transcript/talk-time.js';
import { SAMPLE_RATE_HZ } from '../../stream/index.js';
import { clock } from '../format-time.js';
import { displayWidth } from './display-width.js';

/** A line a speaker: `  alice  00:18.3  52 %`. */
export function talkTimeText(times: readonly TalkTime[], paint: (name: string) => string = String): string {
  if (times.length === 0) return '';
  const width = Math.max(...times.map(({ speaker }) => displayWidth(speaker)));
  const lines = times.map(({ speaker, seconds, share }) => {
    const blanks = ' '.repeat(width - displayWidth(speaker));
    const time = clock(seconds * SAMPLE_RATE_HZ);
    return `  ${paint(speaker)}${blanks}  ${time}  ${String(Math.round(100 * share)).padStart(3)} %\n`;
  });
  return `talk time\n${lines.join('')}`;
}
