import { join } from 'node:path';
import { formatWords, type WordFormat } from '../../transcript/words/formats/index.js';
import type { NamedTranscript } from '../../transcript/words/formats/named-transcript.js';
import { writeOutput } from '../output-file.js';

export interface WriteWordsFlags {
  readonly format?: readonly WordFormat[];
  readonly outDir?: string;
}

/** To a file a format in `outDir`, or in the one format to standard output. Rejects with `invalid-option`. */
export async function writeWords(
  transcript: NamedTranscript,
  { format = ['txt'], outDir }: WriteWordsFlags,
): Promise<void> {
  if (outDir === undefined) {
    process.stdout.write(formatWords(format[0] ?? 'txt', transcript));
    return;
  }
  for (const each of format) {
    const path = join(outDir, `${transcript.recording}.${each}`);
    await writeOutput(path, formatWords(each, transcript), '--out-dir');
  }
}
