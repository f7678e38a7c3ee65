import { displayWidth } from './display-width.js';
import type { TalkTime } from './talk-time.js';

/** 75.3 s as `01:15.3`, from an hour on `1:01:15.3`. */
export function clockText(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${hours > 0 ? `${hours}:` : ''}${String(minutes).padStart(2, '0')}:${rest}`;
}

/** `83 %`, from 1 to 99: nothing that is estimated is certain. */
export function percentText(probability: number): string {
  return `${Math.min(99, Math.max(1, Math.round(100 * probability)))} %`;
}

/** A line a speaker: `  alice  00:18.3  52 %`. */
export function talkTimeText(times: readonly TalkTime[], paint: (name: string) => string = String): string {
  if (times.length === 0) return '';
  const width = Math.max(...times.map(({ speaker }) => displayWidth(speaker)));
  const lines = times.map(({ speaker, seconds, share }) => {
    const blanks = ' '.repeat(width - displayWidth(speaker));
    const percent = String(Math.round(100 * share)).padStart(3);
    return `  ${paint(speaker)}${blanks}  ${clockText(seconds)}  ${percent} %\n`;
  });
  return `talk time\n${lines.join('')}`;
}
