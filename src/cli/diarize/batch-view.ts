import { displayWidth, fitted } from '../../transcript/display-width.js';
import { minutes } from '../view/lanes.js';
import { Screen } from '../view/screen.js';

const MINUTE_MS = 60_000;
const REDRAW_MS = 100;
const BAR_CELLS = 30;

/** How far several recordings are, weighed by their sizes. */
export class BatchProgress {
  private readonly parts: number[];
  private readonly startedMs: number;
  done = 0;

  constructor(
    private readonly sizes: readonly number[],
    private readonly nowMs: () => number = Date.now,
  ) {
    this.parts = sizes.map(() => 0);
    this.startedMs = nowMs();
  }

  /** A recording is heard so far, 0 to 1. */
  heard(index: number, part: number): void {
    this.parts[index] = Math.min(1, Math.max(this.parts[index]!, part));
  }

  /** A recording is over, whether well or not. */
  over(index: number): void {
    this.parts[index] = 1;
    this.done++;
  }

  get share(): number {
    const all = this.sizes.reduce((sum, size) => sum + size, 0);
    if (all === 0) return this.sizes.length === 0 ? 1 : this.done / this.sizes.length;
    return this.sizes.reduce((sum, size, i) => sum + size * this.parts[i]!, 0) / all;
  }

  /** `3 of 12 recordings`, `43 %`, `4:12 left`. */
  get texts(): string[] {
    const { share } = this;
    const elapsedSeconds = (this.nowMs() - this.startedMs) / 1000;
    const left = share > 0 ? [`${minutes((elapsedSeconds * (1 - share)) / share)} left`] : [];
    const count = `${this.done} of ${this.sizes.length} recordings`;
    return [`${Math.floor(100 * share)} %`, ...left, ...(this.sizes.length > 1 ? [count] : [])];
  }
}

/** Shows how far a batch is, without getting between what else is printed. */
export interface BatchView {
  /** To be called whenever something has come further. */
  update(): void;
  /** Write around what is shown. */
  around(write: () => void): void;
  close(): void;
}

/** A bar with an ETA on stderr where it is a terminal, else a line a minute. */
export function batchView(progress: BatchProgress, out: NodeJS.WriteStream = process.stderr): BatchView {
  return out.isTTY ? new BarView(progress, out) : new MinuteView(progress, out);
}

class BarView implements BatchView {
  private readonly screen: Screen;
  private drawnMs = 0;

  constructor(
    private readonly progress: BatchProgress,
    out: NodeJS.WriteStream,
  ) {
    this.screen = new Screen(out);
  }

  update(): void {
    if (Date.now() - this.drawnMs < REDRAW_MS) return;
    this.drawnMs = Date.now();
    const columns = Math.max(1, this.screen.columns - 1);
    const text = this.progress.texts.join('  ');
    const cells = Math.min(BAR_CELLS, columns - displayWidth(text) - 2);
    const full = Math.round(this.progress.share * cells);
    const bar = cells < 5 ? '' : `${'█'.repeat(full)}${'·'.repeat(cells - full)}  `;
    const plain = fitted(`${bar}${text}`, columns);
    this.screen.draw([{ text: plain, plain }]);
  }

  around(write: () => void): void {
    this.screen.erase();
    write();
    this.drawnMs = 0;
    this.update();
  }

  close(): void {
    this.screen.erase();
  }
}

class MinuteView implements BatchView {
  private readonly timer: NodeJS.Timeout;

  constructor(progress: BatchProgress, out: NodeJS.WriteStream) {
    this.timer = setInterval(() => {
      out.write(`${progress.texts.join(', ')}\n`);
    }, MINUTE_MS);
    this.timer.unref();
  }

  update(): void {
    // The clock says when.
  }

  around(write: () => void): void {
    write();
  }

  close(): void {
    clearInterval(this.timer);
  }
}
