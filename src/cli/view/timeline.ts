import pc from 'picocolors';
import { UNKNOWN, type FinalEvent, type IdentifyEvent } from '../../tracker/index.js';
import { TurnBook } from '../../transcript/turn-book.js';
import { clock } from '../format-time.js';
import { displayWidth, fitted } from '../../transcript/display-width.js';
import { percentText } from '../../transcript/readable.js';
import { lanesOf, timeScale, type Cell, type View } from './lanes.js';
import { Pace } from './pace.js';
import type { Printer } from './printer.js';
import { Screen, type ScreenLine } from './screen.js';
import { reportTrouble } from './trouble.js';
import { correctionLine, turnLine, type LineStyle } from './turn-line.js';
import { turnList } from './turn-list.js';

type Paint = (text: string) => string;

const PALETTE: readonly Paint[] = [pc.cyan, pc.magenta, pc.green, pc.yellow, pc.blue, pc.red];
const BLOCKS: Readonly<Record<Cell, string>> = { none: '·', some: '▒', most: '█' };
/** Of a live source, a cell is half a second. */
const CELL_SAMPLES = 8000;
const MAX_CELLS = 120;
const MAX_LANES = 12;
/** In fewer columns a lane would tell nothing. */
const MIN_LANE_COLUMNS = 30;
/** Turns that a live view still knows, for their lanes and corrections. */
const LIVE_TURNS = 500;
const REDRAW_MS = 80;
/** Of a recording, all of which is drawn. */
const REDRAW_WHOLE_MS = 250;
const TYPED = 'name a voice: ';

export interface TimelineOptions {
  /** Who is enrolled. */
  readonly speakers: readonly string[];
  /** The lanes show the last seconds and turns scroll by above; else the whole recording, and the turns are listed at the end. */
  readonly live: boolean;
  readonly durationSamples: () => number | undefined;
  readonly out?: NodeJS.WriteStream;
}

/**
 * The view on a terminal, drawn over in place: a lane of blocks for each speaker, a time scale, and a line with the current
 * name and how much of a recording is done.
 */
export class TimelinePrinter implements Printer {
  private readonly paints = new Map<string, Paint>();
  private readonly book: TurnBook;
  private readonly screen: Screen;
  private readonly pace: Pace;
  private readonly live: boolean;
  private readonly durationSamples: () => number | undefined;
  private readonly out: NodeJS.WriteStream;
  private positionSamples = 0;
  private drawnMs = 0;
  private typedText = '';
  private canName = false;
  private isClosed = false;

  constructor({ speakers, live, durationSamples, out = process.stdout }: TimelineOptions) {
    this.live = live;
    this.durationSamples = durationSamples;
    this.out = out;
    this.book = new TurnBook(live ? LIVE_TURNS : Infinity);
    this.screen = new Screen(out);
    this.pace = new Pace(durationSamples);
    for (const name of speakers) this.addSpeaker(name);
  }

  event(event: IdentifyEvent): void {
    this.book.apply(event);
    switch (event.type) {
      case 'final':
        if (this.live) this.print(turnLine(event, this.style));
        this.hint(event);
        break;
      case 'correction':
        if (this.live) this.print(correctionLine(event, this.style));
        break;
      case 'named':
        this.addSpeaker(event.speaker);
        this.print(`${event.label} is ${this.style.paint(event.speaker)}`);
        break;
      case 'lag':
      case 'warning':
        this.screen.erase();
        reportTrouble(event);
        break;
      case 'end':
        this.screen.erase();
        return;
    }
    this.drawSoon();
  }

  progress(positionSamples: number): void {
    this.positionSamples = positionSamples;
    this.pace.read(positionSamples);
    this.drawSoon();
  }

  /** A voice can be named at the keyboard: say how, where the next one is heard that nobody enrolled. */
  offerNaming(isOffered: boolean): void {
    this.canName = isOffered;
  }

  /** What is typed so far; it is shown in place of the current name. */
  typed(text: string): void {
    this.typedText = text;
    if (!this.isClosed) this.draw();
  }

  /** One line about something else. */
  say(text: string): void {
    this.print(text);
    if (!this.isClosed) this.draw();
  }

  close(): void {
    this.isClosed = true;
    this.screen.erase();
    if (!this.live) this.out.write(turnList(this.book.turns, this.style));
  }

  private get style(): LineStyle & { readonly paint: Paint } {
    return { hasNames: this.paints.size > 0, paint: (name) => pc.bold(this.paint(name)(name)) };
  }

  private print(line: string): void {
    this.screen.print(`${line}\n`);
    // What was erased comes back at once.
    this.drawnMs = 0;
  }

  private hint({ speaker, known }: FinalEvent): void {
    if (!this.canName || known || speaker === UNKNOWN) return;
    this.canName = false;
    this.print(pc.dim(`to name this voice, type ${speaker}=NAME and press Enter`));
  }

  /** Everybody who is enrolled has a colour; all others are white. */
  private addSpeaker(name: string): void {
    if (!this.paints.has(name)) this.paints.set(name, PALETTE[this.paints.size % PALETTE.length]!);
  }

  private paint(label: string): Paint {
    return this.paints.get(label) ?? pc.white;
  }

  /** A recording is read many times faster than anybody looks. */
  private drawSoon(): void {
    const everyMs = this.live ? REDRAW_MS : REDRAW_WHOLE_MS;
    if (Date.now() - this.drawnMs >= everyMs) this.draw();
  }

  private draw(): void {
    this.drawnMs = Date.now();
    // The last column is left free: some terminals wrap there.
    const columns = Math.max(1, this.screen.columns - 1);
    const lanes = this.screen.columns < MIN_LANE_COLUMNS ? [] : this.lanes(columns);
    this.screen.draw([...lanes, this.status(columns)]);
  }

  private lanes(columns: number): ScreenLine[] {
    const turns = this.book.turnsAt(this.positionSamples);
    const widest = Math.max(0, ...turns.map(({ speaker }) => displayWidth(speaker)));
    const nameColumns = Math.min(widest, 20, Math.floor(columns / 3));
    const view = this.view(Math.min(MAX_CELLS, columns - nameColumns - 2));
    const lanes = lanesOf(turns, view, Math.max(1, Math.min(MAX_LANES, this.screen.rows - 3)));
    if (lanes.length === 0) return [];
    const scale = `${' '.repeat(nameColumns + 2)}${timeScale(view)}`;
    return [
      ...lanes.map(({ label, cells }) => {
        const paint = this.paint(label);
        const name = fitted(label, nameColumns);
        const gap = ' '.repeat(nameColumns - displayWidth(name) + 2);
        const painted = runsOf(cells).map(([cell, blocks]) => (cell === 'none' ? pc.dim : paint)(blocks));
        return {
          text: `${paint(name)}${gap}${painted.join('')}`,
          plain: `${name}${gap}${cells.map((cell) => BLOCKS[cell]).join('')}`,
        };
      }),
      { text: pc.dim(scale), plain: scale },
    ];
  }

  private view(cells: number): View {
    const duration = this.durationSamples();
    if (!this.live && duration !== undefined && duration > 0) {
      return { fromSample: 0, toSample: Math.max(duration, this.positionSamples), cells };
    }
    const fromSample = this.positionSamples - cells * CELL_SAMPLES;
    return { fromSample, toSample: this.positionSamples, cells };
  }

  private status(columns: number): ScreenLine {
    if (this.typedText !== '') {
      // The end of it, where it is longer than the line.
      const room = Math.max(1, columns - TYPED.length);
      const text = fitted(`${TYPED}${Array.from(this.typedText).slice(-room).join('')}`, columns);
      return { text, plain: text };
    }
    const current = this.book.current;
    const label = current?.speaker ?? 'silence';
    const sure = current !== undefined && this.paints.size > 0 ? ` ${percentText(current.probability)}` : '';
    const time = clock(this.positionSamples);
    const name = fitted(label, columns - time.length - sure.length - 2);
    const now = current === undefined ? pc.dim(name) : pc.bold(this.paint(label)(name));
    let text = `${time}  ${now}${sure}`;
    let plain = `${time}  ${name}${sure}`;
    // What does not fit is left out, the last first.
    for (const part of this.durationSamples() === undefined ? [] : this.pace.parts().slice(1)) {
      if (displayWidth(plain) + part.length + 2 > columns) break;
      text += pc.dim(`  ${part}`);
      plain += `  ${part}`;
    }
    return {
      text: displayWidth(plain) > columns ? fitted(plain, columns) : text,
      plain: fitted(plain, columns),
    };
  }
}

/** Neighbours alike in one piece, so that a colour is set once. */
function runsOf(cells: readonly Cell[]): [cell: Cell, blocks: string][] {
  const runs: [Cell, string][] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.[0] === cell) last[1] += BLOCKS[cell];
    else runs.push([cell, BLOCKS[cell]]);
  }
  return runs;
}
