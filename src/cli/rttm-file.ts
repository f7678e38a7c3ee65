import { closeSync, fstatSync, ftruncateSync, openSync, statSync, writeFileSync } from 'node:fs';
import { WhospeaksError } from '../errors.js';
import type { FinalEvent, IdentifyEvent } from '../tracker/index.js';
import { toRttm } from '../transcript/export-turns.js';
import { rttmLines } from '../transcript/rttm.js';
import { TurnBook } from '../transcript/turn-book.js';
import { seconds } from './format-time.js';
import { writeOutput, writing } from './output-file.js';

type Settled = Pick<FinalEvent, 'speaker' | 'speech' | 'channel'>;

/** Where turns go as RTTM. */
export interface RttmSink {
  event(event: IdentifyEvent): void;
  close(): Promise<void>;
}

export interface RttmSource {
  /** Undefined for the microphone. */
  readonly input: string | undefined;
  readonly recording: string;
  /** Turns are told as they end. */
  readonly live: boolean;
}

/** What `--rttm` asks for: nothing, a file, or for `-` standard output. */
export function openRttm(path: string | undefined, source: RttmSource): RttmSink | undefined {
  if (path === undefined) return undefined;
  return path === '-' ? new RttmStdout(source) : new RttmFile(path, source);
}

/** To standard output: of a live source each turn as it ends, of a recording all of them, corrected, at the end. */
export class RttmStdout implements RttmSink {
  private readonly book = new TurnBook(Infinity);

  constructor(
    private readonly source: Pick<RttmSource, 'recording' | 'live'>,
    private readonly write: (text: string) => void = (text) => process.stdout.write(text),
  ) {}

  event(event: IdentifyEvent): void {
    const { recording, live } = this.source;
    if (!live && event.type !== 'tentative') this.book.apply(event);
    if (live && event.type === 'final') this.write(linesOf(event, recording));
  }

  close(): Promise<void> {
    if (!this.source.live) this.write(toRttm(this.book.turns, this.source.recording));
    return Promise.resolve();
  }
}

/**
 * Writes finished turns as RTTM the moment they end, a line for each stretch of speech, so that what was heard survives a
 * crash. Where a turn was corrected later, the file is written anew at the end. What the file held before is lost with the first
 * event, not before: a recording that cannot be read costs nothing.
 */
export class RttmFile implements RttmSink {
  private readonly descriptor: number;
  private readonly recording: string;
  /** By number of the turn. */
  private readonly turns = new Map<number, Settled>();
  private isCorrected = false;
  private hasBegun = false;

  constructor(
    private readonly path: string,
    { input, recording }: Pick<RttmSource, 'input' | 'recording'>,
  ) {
    this.recording = recording;
    if (input !== undefined && isSameFile(path, input)) {
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
    const { turn, speaker, channel } = event;
    const speech = event.type === 'final' ? event.speech : (this.turns.get(turn)?.speech ?? [event]);
    this.turns.set(turn, { speaker, speech, channel });
    if (event.type === 'final')
      this.write(() => {
        writeFileSync(this.descriptor, linesOf({ speaker, speech, channel }, this.recording));
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
    const text = [...this.turns.values()].map((turn) => linesOf(turn, this.recording)).join('');
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
}

function linesOf({ speech, speaker, channel }: Settled, recording: string): string {
  return rttmLines(
    speech.map(({ startSample, endSample }) => ({
      start: seconds(startSample),
      end: seconds(endSample),
      speaker,
      ...(channel === undefined ? {} : { channel }),
    })),
    recording,
  );
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}
