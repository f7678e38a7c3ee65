import { displayWidth } from '../../transcript/display-width.js';

/** A line of the block: what it looks like, and the same without colours. */
export interface ScreenLine {
  readonly text: string;
  readonly plain: string;
}

/**
 * A block of lines at the bottom of a terminal that is drawn over in place. Lines above it scroll. A terminal that was made
 * narrower wraps what was drawn: so many more rows are taken back.
 */
export class Screen {
  /** Columns of the lines that stand there. */
  private drawn: number[] = [];

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** A terminal may not tell its size. */
  get columns(): number {
    return this.out.columns > 0 ? this.out.columns : 80;
  }

  get rows(): number {
    return this.out.rows > 0 ? this.out.rows : 24;
  }

  draw(lines: readonly ScreenLine[]): void {
    this.out.write(`${this.back()}${lines.map(({ text }) => text).join('\n')}`);
    this.drawn = lines.map(({ plain }) => displayWidth(plain));
  }

  /** Write lines that stay, over the block. */
  print(text: string): void {
    this.erase();
    this.out.write(text);
  }

  erase(): void {
    this.out.write(this.back());
    this.drawn = [];
  }

  /** To the beginning of the block, and all from there on away. */
  private back(): string {
    const rows = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / this.columns)), 0);
    return `${rows > 1 ? `\x1b[${rows - 1}A` : ''}\r\x1b[J`;
  }
}
