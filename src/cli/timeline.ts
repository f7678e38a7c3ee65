import pc from 'picocolors';
import { UNKNOWN, type CorrectionEvent, type FinalEvent, type IdentifyEvent } from '../tracker/index.js';
import { clock, seconds } from './format-time.js';
import { correctionLine, finalLine, reportTrouble, type Printer } from './printer.js';

type Paint = (text: string) => string;

const PALETTE: readonly Paint[] = [pc.cyan, pc.magenta, pc.green, pc.yellow, pc.blue, pc.red];
const CELL_SAMPLES = 8000;
const REDRAW_MS = 80;
const TYPED = 'name a voice: ';

/** From `startSample` on, this label (null: nobody) until the next change. */
interface Change {
  readonly startSample: number;
  readonly label: string | null;
}

/**
 * The live view on a terminal: finished turns scroll up, and under them one line is redrawn in place with
 * the last seconds as coloured blocks, the current name, and how much of a file is done.
 */
export class TimelinePrinter implements Printer {
  private readonly paints = new Map<string, Paint>();
  private readonly startedMs = Date.now();
  private changes: Change[] = [{ startSample: 0, label: null }];
  private positionSamples = 0;
  private score = 0;
  private drawnMs = 0;
  private typedText = '';
  private canName = false;
  private isClosed = false;

  constructor(
    speakers: readonly string[],
    private readonly durationSamples: () => number | undefined,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {
    for (const name of speakers) this.addSpeaker(name);
  }

  event(event: IdentifyEvent): void {
    switch (event.type) {
      case 'tentative':
        this.score = event.score;
        this.change(event.startSample, event.speaker);
        break;
      case 'silence':
        this.change(event.startSample, null);
        break;
      case 'final':
        this.erase();
        this.out.write(`${finalLine(event, (name) => pc.bold(this.paint(name)(name)))}\n`);
        this.hint(event);
        break;
      case 'correction':
        this.erase();
        this.out.write(`${correctionLine(event, (name) => pc.bold(this.paint(name)(name)))}\n`);
        this.correct(event);
        break;
      case 'named':
        this.erase();
        this.addSpeaker(event.speaker);
        this.out.write(`${event.label} is ${pc.bold(this.paint(event.speaker)(event.speaker))}\n`);
        break;
      case 'lag':
      case 'warning':
        this.erase();
        reportTrouble(event);
        break;
      case 'end':
        this.erase();
        return;
    }
    this.draw();
  }

  progress(positionSamples: number): void {
    this.positionSamples = positionSamples;
    if (Date.now() - this.drawnMs >= REDRAW_MS) this.draw();
  }

  /** A voice can be named at the keyboard: say how, where the next one is heard that nobody enrolled. */
  offerNaming(isOffered: boolean): void {
    this.canName = isOffered;
  }

  /** What is typed so far; it is shown in place of the timeline. */
  typed(text: string): void {
    this.typedText = text;
    this.draw();
  }

  /** One line about something else. */
  say(text: string): void {
    this.erase();
    this.out.write(`${text}\n`);
    if (!this.isClosed) this.draw();
  }

  close(): void {
    this.isClosed = true;
    this.erase();
  }

  private hint({ speaker, known }: FinalEvent): void {
    if (!this.canName || known || speaker === UNKNOWN) return;
    this.canName = false;
    this.out.write(pc.dim(`to name this voice, type ${speaker}=NAME and press Enter\n`));
  }

  /** Everybody who is enrolled has a colour; all others are white. */
  private addSpeaker(name: string): void {
    this.paints.set(name, PALETTE[this.paints.size % PALETTE.length]!);
  }

  private paint(label: string): Paint {
    return this.paints.get(label) ?? pc.white;
  }

  private change(startSample: number, label: string | null): void {
    this.changes = this.changes.filter((change) => change.startSample < startSample);
    this.changes.push({ startSample, label });
    if (this.changes.length > 1000) this.changes.splice(0, 500);
  }

  /** What is still to be seen of the turn changes its colour. */
  private correct({ startSample, endSample, was, speaker }: CorrectionEvent): void {
    this.changes = this.changes.map((change, i) => {
      const end = this.changes[i + 1]?.startSample ?? Infinity;
      const isOfTurn = change.label === was && change.startSample < endSample && end > startSample;
      return isOfTurn ? { ...change, label: speaker } : change;
    });
  }

  private labelAt(sample: number): string | null {
    return this.changes.findLast((change) => change.startSample <= sample)?.label ?? null;
  }

  /** A terminal may not tell its width. */
  private columns(): number {
    return this.out.columns > 0 ? this.out.columns : 80;
  }

  private erase(): void {
    this.out.write('\r\x1b[K');
  }

  private draw(): void {
    this.drawnMs = Date.now();
    if (this.typedText !== '') {
      // Its end, where it is longer than the line, which only then can be erased.
      const room = Math.max(1, this.columns() - TYPED.length - 1);
      this.out.write(`\r\x1b[K${TYPED}${Array.from(this.typedText).slice(-room).join('')}`);
      return;
    }
    const label = this.changes.at(-1)?.label ?? null;
    const now =
      label === null ? pc.dim('silence') : `${pc.bold(this.paint(label)(label))} ${this.score.toFixed(2)}`;
    const name = label === null ? 'silence' : `${label} ${this.score.toFixed(2)}`;
    const done = this.done();
    const cells = Math.max(
      0,
      Math.min(60, this.columns() - clock(this.positionSamples).length - name.length - done.length - 8),
    );
    let bar = '';
    for (let i = cells; i > 0; i--) {
      const sample = this.positionSamples - (i - 0.5) * CELL_SAMPLES;
      const at = sample < 0 ? null : this.labelAt(sample);
      bar += at === null ? pc.dim('·') : this.paint(at)('█');
    }
    this.out.write(`\r\x1b[K${clock(this.positionSamples)} ${bar} ${now}${pc.dim(done)}`);
  }

  /** ` 41 % 12x`, where the length of the source is known. */
  private done(): string {
    const total = this.durationSamples();
    if (total === undefined || total === 0) return '';
    const elapsedSeconds = Math.max(0.1, (Date.now() - this.startedMs) / 1000);
    const percent = Math.min(100, Math.floor((100 * this.positionSamples) / total));
    return `  ${percent} % ${(seconds(this.positionSamples) / elapsedSeconds).toFixed(0)}x`;
  }
}
