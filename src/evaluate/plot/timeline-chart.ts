import { isUnknownLabel } from '../../events/events.js';
import type { Turn } from '../turns.js';
import { colourOf, document, element, text } from './svg.js';

const WIDTH = 960;
const LEFT = 170;
/** Letters of a name that fit beside the title of its row. */
const MAX_LETTERS = 14;
const RIGHT = 16;
const TOP = 40;
const LANE = 20;
const GAP = 16;

/** One account of who spoke when. */
export interface TimelineRow {
  readonly name: string;
  readonly turns: readonly Turn[];
}

/**
 * Accounts of one recording above each other, one lane for each speaker of each account, as an SVG file. A
 * name has one colour throughout; what nobody enrolled said is grey.
 */
export function timelineChart(title: string, rows: readonly TimelineRow[], seconds: number): string {
  const names = [...new Set(rows.flatMap(({ turns }) => turns.map(({ speaker }) => speaker)))].sort();
  const named = names.filter((name) => !isUnknownLabel(name));
  const colour = (name: string): string => {
    const index = named.indexOf(name);
    return index < 0 ? '#999999' : colourOf(index);
  };
  const across = (at: number): number => LEFT + (at / Math.max(seconds, 1e-9)) * (WIDTH - LEFT - RIGHT);
  const parts = [text(LEFT, 22, title, { 'font-size': 15, 'font-weight': 600 })];
  let y = TOP;
  for (const { name, turns } of rows) {
    parts.push(text(8, y + 13, name, { 'font-weight': 600, 'font-size': 11 }));
    const lanes = names.filter((speaker) => turns.some((turn) => turn.speaker === speaker));
    for (const speaker of lanes) {
      parts.push(text(LEFT - 6, y + 13, shortened(speaker), { 'text-anchor': 'end', 'font-size': 11 }));
      parts.push(
        element('rect', {
          x: LEFT,
          y: y + 2,
          width: WIDTH - LEFT - RIGHT,
          height: LANE - 4,
          fill: '#f2f2f2',
        }),
      );
      for (const turn of turns.filter((t) => t.speaker === speaker)) {
        const x = across(turn.startSeconds);
        const width = Math.max(0.5, across(turn.endSeconds) - x);
        parts.push(element('rect', { x, y: y + 2, width, height: LANE - 4, fill: colour(speaker) }));
      }
      y += LANE;
    }
    y += lanes.length === 0 ? LANE + GAP : GAP;
  }
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((s) => seconds / s <= 12) ?? 7200;
  for (let at = 0; at <= seconds; at += step) {
    parts.push(text(across(at), y + 6, clock(at), { 'text-anchor': 'middle', 'font-size': 11 }));
  }
  return document(WIDTH, y + 16, title, parts);
}

function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length <= MAX_LETTERS ? name : `${letters.slice(0, MAX_LETTERS - 1).join('')}…`;
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;
}
