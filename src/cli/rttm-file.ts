import { closeSync, openSync, writeSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { WhospeaksError } from '../errors.js';
import type { IdentifyEvent } from '../tracker/index.js';
import { seconds } from './format-time.js';

/** Writes finished turns as RTTM the moment they end, so that what was heard survives a crash. */
export class RttmFile {
  private readonly descriptor: number;
  private readonly recording: string;

  constructor(path: string, input: string) {
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
    if (event.type !== 'final') return;
    const start = seconds(event.startSample).toFixed(3);
    const duration = seconds(event.endSample - event.startSample).toFixed(3);
    const name = event.speaker.replace(/\s+/g, '_');
    writeSync(
      this.descriptor,
      `SPEAKER ${this.recording} 1 ${start} ${duration} <NA> <NA> ${name} <NA> <NA>\n`,
    );
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
