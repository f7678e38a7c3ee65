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
  readonly play: HTMLButtonElement;
  readonly time: HTMLTimeElement;
  readonly voice: HTMLElement;
  readonly note: HTMLElement;
  readonly length: HTMLElement;
  readonly assign: HTMLButtonElement;
  turn: BookedTurn | undefined;
  speaker: string;
}

export interface LogActions {
  /** An unknown voice is to be named. */
  readonly onName: (label: string) => void;
  /** A turn was somebody else's. */
  readonly onAssign: (turn: BookedTurn) => void;
  /** Play a turn, or stop where it plays; resolves when it is over. */
  readonly onPlay: (turn: BookedTurn) => Promise<void>;
}

/** Who spoke, from when to when, as a transcript without the words. Follows the newest unless scrolled back. */
export class LogView {
  private readonly rows = new Map<number, Row>();

  constructor(
    private readonly list: HTMLElement,
    private readonly empty: HTMLElement,
    private readonly hues: Hues,
    private readonly actions: LogActions,
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
    const play = element('button', { class: 'link play' }, time);
    const voice = element('span');
    const note = element('span', { class: 'note' });
    const lengthCell = element('span', { class: 'length' });
    const assign = element('button', { class: 'link whose', text: 'Whose?' });
    const root = element('li', { class: 'turn' }, play, element('div', {}, voice, note), lengthCell, assign);
    const row: Row = {
      ...{ root, play, time, voice, note, length: lengthCell, assign },
      turn: undefined,
      speaker: '',
    };
    const start = (): void => {
      if (row.turn === undefined) return;
      const isPlaying = root.dataset['playing'] !== undefined;
      for (const other of this.list.querySelectorAll<HTMLElement>('[data-playing]'))
        delete other.dataset['playing'];
      if (!isPlaying) root.dataset['playing'] = '';
      void this.actions.onPlay(row.turn).finally(() => {
        if (!isPlaying) delete root.dataset['playing'];
      });
    };
    // The whole row for a mouse, its time for the keyboard.
    root.addEventListener('click', ({ target }) => {
      if (target instanceof Element && (target.closest('button') ?? play) === play) start();
    });
    assign.addEventListener('click', () => {
      if (row.turn !== undefined) this.actions.onAssign(row.turn);
    });
    if (before === undefined) this.list.prepend(root);
    else before.after(root);
    this.rows.set(turn, row);
    return row;
  }

  private fill(row: Row, turn: BookedTurn): void {
    const seconds = (turn.endSample - turn.startSample) / SAMPLE_RATE_HZ;
    row.turn = turn;
    if (row.speaker !== turn.speaker) {
      row.speaker = turn.speaker;
      row.voice.replaceChildren(who(turn.speaker, this.hues.of(turn.speaker), 'who', this.actions.onName));
    }
    row.root.dataset['speaker'] = turn.speaker;
    row.root.dataset['final'] = String(turn.final);
    row.time.dateTime = `PT${(turn.startSample / SAMPLE_RATE_HZ).toFixed(3)}S`;
    setText(row.time, clock(turn.startSample / SAMPLE_RATE_HZ));
    setText(row.length, length(seconds));
    const at = row.time.textContent;
    row.play.setAttribute('aria-label', `Play ${turn.speaker}, ${at}`);
    row.assign.setAttribute('aria-label', `Say whose turn ${at} was, ${turn.speaker}`);
    row.assign.hidden = !turn.final;
    setText(row.note, note(turn));
  }
}

function note({ final, speaker, was, overlap, others, probability }: BookedTurn): string {
  const notes = [`${Math.round(100 * probability)} %`];
  if (!final) notes.unshift('not settled');
  // Of a voice of an earlier part the label only says which part.
  if (was !== undefined && !speaker.startsWith(`${was} ·`)) notes.push(`was ${was}`);
  if (overlap) notes.push(others.length > 0 ? `with ${others.join(', ')}` : 'with somebody else');
  return ` · ${notes.join(' · ')}`;
}
