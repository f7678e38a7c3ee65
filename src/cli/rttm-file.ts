import { closeSync, fstatSync, ftruncateSync, openSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { WhospeaksError } from '../errors.js';
import { writeRttm } from '../evaluate/index.js';
import type { FinalEvent, IdentifyEvent } from '../tracker/index.js';
import { seconds } from './format-time.js';
import { writeOutput, writing } from './output-file.js';

/**
 * Writes finished turns as RTTM the moment they end, a line for each stretch of speech, so that what was heard survives a
 * crash. Where a turn was corrected later, the file is written anew at the end. What the file held before is lost with the first
 * event, not before: a recording that cannot be read costs nothing.
 */
export class RttmFile {
  private readonly descriptor: number;
  private readonly recording: string;
  /** By number of the turn. */
  private readonly turns = new Map<number, Pick<FinalEvent, 'speaker' | 'speech'>>();
  private isCorrected = false;
  private hasBegun = false;

  constructor(
    private readonly path: string,
    input: string,
  ) {
    this.recording = input === '-' ? 'stdin' : basename(input, extname(input));
    if (isSameFile(path, input)) {
      throw new WhospeaksError(
        'invalid-option',
        `--rttm: ${path} is the recording itself; give another file`,
      );
    }
    this.descriptor = this.write(() => openSync(path, 'a'));
  }

  /** @throws {WhospeaksError} `invalid-option` where the file cannot be written, on a full disk for one. */
  event(event: IdentifyEvent): void {
    if (!this.hasBegun) this.begin();
    if (event.type !== 'final' && event.type !== 'correction') return;
    const { turn, speaker } = event;
    const speech = event.type === 'final' ? event.speech : (this.turns.get(turn)?.speech ?? [event]);
    this.turns.set(turn, { speaker, speech });
    if (event.type === 'final')
      this.write(() => {
        writeFileSync(this.descriptor, this.lines({ speaker, speech }));
      });
    else this.isCorrected = true;
  }

  /** Rejects as `event` throws. */
  async close(): Promise<void> {
    // What was written to a pipe or a terminal stays as it is.
    const isFile = fstatSync(this.descriptor).isFile();
    this.write(() => {
      closeSync(this.descriptor);
    });
    if (!this.isCorrected || !isFile) return;
    const text = [...this.turns.values()].map((turn) => this.lines(turn)).join('');
    await writeOutput(this.path, text, '--rttm');
  }

  private begin(): void {
    this.hasBegun = true;
    this.write(() => {
      if (fstatSync(this.descriptor).isFile()) ftruncateSync(this.descriptor);
    });
  }

  private write<Result>(work: () => Result): Result {
    return writing(this.path, '--rttm', work);
  }

  private lines({ speech, speaker }: Pick<FinalEvent, 'speaker' | 'speech'>): string {
    const { recording } = this;
    return writeRttm(
      speech.map(({ startSample, endSample }) => ({
        recording,
        startSeconds: seconds(startSample),
        endSeconds: seconds(endSample),
        speaker,
      })),
    );
  }
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}
