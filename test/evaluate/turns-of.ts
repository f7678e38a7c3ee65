import type { Turn } from '../../src/evaluate/index.js';

/** "A 0 10, B 10 12.5" -> turns. */
export function turnsOf(text: string): Turn[] {
  return text
    .split(',')
    .map((part) => part.trim().split(' '))
    .filter((words) => words.length === 3)
    .map(([speaker, start, end]) => ({
      speaker: speaker!,
      startSeconds: Number(start),
      endSeconds: Number(end),
    }));
}
