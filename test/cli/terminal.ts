import { displayWidth } from '../../src/transcript/display-width.js';

/** A terminal of so many columns and rows: what stands on it, and what has scrolled off its top. */
export class Terminal {
  readonly scrolled: string[] = [];
  private lines: string[] = [''];
  private row = 0;
  private column = 0;

  constructor(
    public columns: number,
    public readonly rows: number,
  ) {}

  /** What it looks like, without colours. */
  get screen(): string[] {
    return this.lines.map((line) => line.trimEnd());
  }

  write(text: string): boolean {
    for (const [, escape, sign] of text.matchAll(/(\x1b\[\d*[A-Za-z])|([^])/gu)) {
      if (escape !== undefined) this.escape(escape);
      else if (sign === '\r') this.column = 0;
      else if (sign === '\n') this.newLine();
      else this.put(sign!);
    }
    return true;
  }

  /** Lines that are too long wrap, as terminals do it. */
  resize(columns: number): void {
    this.columns = columns;
    const wrapped = this.lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? ['']);
    this.row += wrapped.length - this.lines.length;
    this.lines = wrapped;
  }

  asStream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  private put(sign: string): void {
    const width = displayWidth(sign);
    if (this.column + width > this.columns) this.newLine();
    const line = this.lines[this.row]!;
    this.lines[this.row] =
      line.slice(0, this.column).padEnd(this.column) + sign + line.slice(this.column + 1);
    this.column += width;
  }

  private newLine(): void {
    this.row++;
    this.column = 0;
    if (this.row === this.lines.length) this.lines.push('');
    if (this.lines.length <= this.rows) return;
    this.scrolled.push(this.lines.shift()!.trimEnd());
    this.row--;
  }

  private escape(sequence: string): void {
    const count = Number(sequence.slice(2, -1) || '1');
    if (sequence.endsWith('A')) this.row = Math.max(0, this.row - count);
    if (!sequence.endsWith('J')) return;
    this.lines[this.row] = this.lines[this.row]!.slice(0, this.column);
    this.lines.length = this.row + 1;
  }
}
