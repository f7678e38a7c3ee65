import { statSync } from 'node:fs';
import { join } from 'node:path';
import { WhospeaksError } from '../../errors.js';
import { formatWords, type WordFormat } from '../../transcript/words/formats/index.js';
import type { NamedTranscript } from '../../transcript/words/formats/named-transcript.js';
import { assertWritable, writeOutput } from '../output-file.js';

const DEFAULT_FORMATS: readonly WordFormat[] = ['txt'];

export interface WriteWordsFlags {
  readonly format?: readonly WordFormat[];
  readonly outDir?: string;
}

/**
 * Before the work: that each file can be written, and that none is what the command reads.
 * @throws {WhospeaksError} `invalid-option`
 */
export function assertWordFiles(
  recording: string,
  { format = DEFAULT_FORMATS, outDir }: WriteWordsFlags,
  inputs: readonly string[],
): void {
  if (outDir === undefined) return;
  for (const each of format) {
    const path = wordFile(outDir, recording, each);
    const input = inputs.find((other) => isSameFile(path, other));
    if (input !== undefined) {
      throw new WhospeaksError(
        'invalid-option',
        `--out-dir: ${path} would be written over ${input}, which is read; choose another folder`,
      );
    }
    assertWritable(path, '--out-dir');
  }
}

/** To a file a format in `outDir`, or in the one format to standard output. Rejects with `invalid-option`. */
export async function writeWords(
  transcript: NamedTranscript,
  { format = DEFAULT_FORMATS, outDir }: WriteWordsFlags,
): Promise<void> {
  if (outDir === undefined) {
    process.stdout.write(formatWords(format[0] ?? 'txt', transcript));
    return;
  }
  for (const each of format) {
    const path = wordFile(outDir, transcript.recording, each);
    await writeOutput(path, formatWords(each, transcript), '--out-dir');
  }
}

function wordFile(outDir: string, recording: string, format: WordFormat): string {
  return join(outDir, `${recording}.${format}`);
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}
