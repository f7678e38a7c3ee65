import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { basename, extname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { WhospeaksError } from '../errors.js';
import type { CorrectionEvent, FinalEvent, IdentifyEvent } from '../tracker/index.js';
import { seconds } from './format-time.js';

/**
 * Writes finished turns as RTTM the moment they end, so that what was heard survives a crash. Where a turn was corrected
 * later, the file is written anew at the end.
 */
export class RttmFile {
  private readonly descriptor: number;
  private readonly recording: string;
  /** By number of the turn. */
  private readonly lines = new Map<number, string>();
  private isCorrected = false;

  constructor(
    private readonly path: string,
    input: string,
  ) {
    this.recording = input === '-' ? 'stdin' : basename(input, extname(input)).replace(/\s+/g, '_');
    try {
      this.descriptor = openSync(path, 'w');
    } catch (cause) {
      throw new WhospeaksError(
        'invalid-option',
        `--rttm: cannot write ${path}: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  event(event: IdentifyEvent): void {
    if (event.type !== 'final' && event.type !== 'correction') return;
    const line = this.line(event);
    this.lines.set(event.turn, line);
    if (event.type === 'final') writeSync(this.descriptor, line);
    else this.isCorrected = true;
  }

  close(): void {
    // What was written to a pipe or a terminal stays as it is.
    const isFile = fstatSync(this.descriptor).isFile();
    closeSync(this.descriptor);
    if (this.isCorrected && isFile) writeFileAtomic.sync(this.path, [...this.lines.values()].join(''));
  }

  private line({ startSample, endSample, speaker }: FinalEvent | CorrectionEvent): string {
    const start = seconds(startSample).toFixed(3);
    const duration = seconds(endSample - startSample).toFixed(3);
    const name = speaker.replace(/\s+/g, '_');
    return `SPEAKER ${this.recording} 1 ${start} ${duration} <NA> <NA> ${name} <NA> <NA>\n`;
  }
}
