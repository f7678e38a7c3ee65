import type { BookedTurn } from '../client/index.js';
import { element, setText } from './dom.js';
import { clock, length } from './format.js';
import type { Hues } from './hues.js';
import { who } from './who.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** Rows in the page; the export has all turns. */
const MAX_ROWS = 500;

interface Row {
  readonly root: HTMLLIElement;
  readonly time: HTMLTimeElement;
  readonly voice: HTMLElement;
  readonly note: HTMLElement;
  readonly length: HTMLElement;
  speaker: string;
}

/** Who spoke, from when to when, as a transcript without the words. Follows the newest unless scrolled back. */
export class LogView {
  private readonly rows = new Map<number, Row>();

  constructor(
    private readonly list: HTMLElement,
    private readonly empty: HTMLElement,
    private readonly hues: Hues,
    private readonly onName: (label: string) => void,
  ) {}

  update(turns: readonly BookedTurn[]): void {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 48;
    const shown = turns.slice(-MAX_ROWS);
    const kept = new Set(shown.map(({ turn }) => turn));
    for (const [turn, { root }] of this.rows) {
      if (kept.has(turn)) continue;
      root.remove();
      this.rows.delete(turn);
    }
    let before: HTMLElement | undefined;
    for (const turn of shown) {
      const row = this.rows.get(turn.turn) ?? this.addRow(turn.turn, before);
      this.fill(row, turn);
      before = row.root;
    }
    this.empty.hidden = shown.length > 0;
    this.list.hidden = shown.length === 0;
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  private addRow(turn: number, before: HTMLElement | undefined): Row {
    const time = element('time');
    const voice = element('span');
    const note = element('span', { class: 'note' });
    const lengthCell = element('span', { class: 'length' });
    const root = element('li', { class: 'turn' }, time, element('div', {}, voice, note), lengthCell);
    if (before === undefined) this.list.prepend(root);
    else before.after(root);
    const row = { root, time, voice, note, length: lengthCell, speaker: '' };
    this.rows.set(turn, row);
    return row;
  }

  private fill(row: Row, turn: BookedTurn): void {
    const seconds = (turn.endSample - turn.startSample) / SAMPLE_RATE_HZ;
    if (row.speaker !== turn.speaker) {
      row.speaker = turn.speaker;
      row.voice.replaceChildren(who(turn.speaker, this.hues.of(turn.speaker), 'who', this.onName));
    }
    row.root.dataset['speaker'] = turn.speaker;
    row.root.dataset['final'] = String(turn.final);
    row.time.dateTime = `PT${(turn.startSample / SAMPLE_RATE_HZ).toFixed(3)}S`;
    setText(row.time, clock(turn.startSample / SAMPLE_RATE_HZ));
    setText(row.length, length(seconds));
    setText(row.note, note(turn));
  }
}

function note({ final, was, overlap, others, probability }: BookedTurn): string {
  const notes = [];
  if (!final) notes.push(`not settled, ${Math.round(100 * probability)} %`);
  if (was !== undefined) notes.push(`was ${was}`);
  if (overlap) notes.push(others.length > 0 ? `with ${others.join(', ')}` : 'with somebody else');
  return notes.length === 0 ? '' : ` · ${notes.join(' · ')}`;
}
