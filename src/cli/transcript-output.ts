import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import type { IdentifyEvent } from '../tracker/index.js';
import {
  extensionOf,
  formatTranscript,
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
} from '../transcript/formats/index.js';
import { segmentsOfTurns } from '../transcript/segment.js';
import type { Transcript } from '../transcript/transcript.js';
import { TurnBook } from '../transcript/turn-book.js';
import { seconds } from './format-time.js';
import { assertWritable, writeOutput, writing } from './output-file.js';

/** Options of a command that writes transcripts. */
export interface TranscriptFlags {
  readonly format?: readonly TranscriptFormat[];
  readonly outDir?: string;
}

export function addTranscriptOptions(command: Command, fallback: string): Command {
  return addFormatOptions(command, TRANSCRIPT_FORMATS, fallback);
}

export function addFormatOptions(command: Command, formats: readonly string[], fallback: string): Command {
  return command
    .option(
      '--format <list>',
      `formats, with commas: ${formats.join(', ')} (default: ${fallback})`,
      (value: string) => formatList(value, formats),
    )
    .option('--out-dir <folder>', 'folder for RECORDING.EXTENSION of each format (default: standard output)');
}

function formatList(value: string, formats: readonly string[]): string[] {
  const asked = value.split(',').map((part) => {
    const format = formats.find((name) => name === part.trim().toLowerCase());
    if (format === undefined) throw new InvalidArgumentError(`"${part}" is none of ${formats.join(', ')}.`);
    return format;
  });
  return [...new Set(asked)];
}

/** Before the work: that what is asked for can be written. @throws {WhospeaksError} `invalid-option` */
export function assertTranscriptFlags({
  format = [],
  outDir,
}: {
  readonly format?: readonly string[];
  readonly outDir?: string;
}): void {
  if (outDir === undefined) {
    if (format.length < 2) return;
    throw new WhospeaksError(
      'invalid-option',
      `--format ${format.join(',')}: only one format fits on standard output; give --out-dir for several`,
    );
  }
  writing(outDir, '--out-dir', () => mkdirSync(outDir, { recursive: true }));
}

/** The files of a recording, one a format. */
export function transcriptFiles(outDir: string, recording: string, formats: readonly TranscriptFormat[]) {
  return formats.map((format) => ({ format, path: join(outDir, `${recording}.${extensionOf(format)}`) }));
}

/** Write each file whole. Rejects with `invalid-option`. */
export async function writeTranscript(
  transcript: Transcript,
  outDir: string,
  formats: readonly TranscriptFormat[],
): Promise<void> {
  for (const { format, path } of transcriptFiles(outDir, transcript.recording, formats)) {
    await writeOutput(path, formatTranscript(format, transcript), '--out-dir');
  }
}

/** Keeps the turns of a stream, and writes them when it is over. */
export class TranscriptSink {
  private readonly book = new TurnBook(Infinity);

  /** @throws {WhospeaksError} `invalid-option` where a file cannot be written */
  constructor(
    private readonly recording: string,
    private readonly flags: TranscriptFlags,
    private readonly write: (text: string) => void = (text) => process.stdout.write(text),
  ) {
    const { format = [], outDir } = flags;
    if (outDir === undefined) return;
    for (const { path } of transcriptFiles(outDir, recording, format)) assertWritable(path, '--out-dir');
  }

  event(event: IdentifyEvent): void {
    // What is only believed is not written.
    if (event.type !== 'tentative') this.book.apply(event);
  }

  /** Rejects with `invalid-option`. */
  async close(): Promise<void> {
    const { format = [], outDir } = this.flags;
    const segments = segmentsOfTurns(this.book.turns);
    const duration = Math.max(seconds(this.book.heardSample), ...segments.map(({ end }) => end));
    const transcript = { recording: this.recording, duration, segments };
    if (outDir !== undefined) await writeTranscript(transcript, outDir, format);
    else if (format[0] !== undefined) this.write(formatTranscript(format[0], transcript));
  }
}
