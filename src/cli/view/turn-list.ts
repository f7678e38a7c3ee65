import { segmentsOfTurns } from '../../transcript/segment.js';
import { talkTimeText } from '../../transcript/readable.js';
import { talkTime } from '../../transcript/talk-time.js';
import { TurnBook, type BookedTurn } from '../../transcript/turn-book.js';
import type { IdentifyEvent } from '../../tracker/index.js';
import type { Printer, Write } from './printer.js';
import { reportTrouble } from './trouble.js';
import { turnLine, type LineStyle } from './turn-line.js';

/** The settled turns in order, a line each, and how long each speaker talked. */
export function turnList(turns: readonly BookedTurn[], style: LineStyle): string {
  const settled = turns.filter(({ final }) => final);
  if (settled.length === 0) return '';
  const lines = settled.map((turn) => `${turnLine(turn, style)}\n`).join('');
  return `${lines}\n${talkTimeText(talkTime(segmentsOfTurns(settled, { others: true })), style.paint)}`;
}

/** For a recording: all turns at the end, as later turns and names left them. */
export class ListPrinter implements Printer {
  private readonly book = new TurnBook(Infinity);

  /** @param hasNames see `LineStyle`. */
  constructor(
    private hasNames: boolean,
    private readonly write: Write,
  ) {}

  event(event: IdentifyEvent): void {
    if (event.type === 'named') this.hasNames = true;
    // What is only believed is not listed.
    if (event.type !== 'tentative') this.book.apply(event);
    reportTrouble(event);
  }
  progress(): void {
    // The list comes at the end.
  }
  close(): void {
    const text = turnList(this.book.turns, { hasNames: this.hasNames });
    if (text !== '') this.write(text);
  }
}
