import { statSync } from 'node:fs';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { MAX_CHARACTERS } from '../../transcript/read/check-words.js';
import { readTranscript, type WordTranscript } from '../../transcript/read/index.js';
import { readText } from '../evaluate-input.js';

/** Of characters of at most three bytes. */
const MAX_BYTES = 3 * MAX_CHARACTERS;

/** The words of a file. @throws {WhospeaksError} as `readTranscript`, with the file's name; `file-not-found`, `file-unreadable` */
export function readWordsFile(path: string): WordTranscript {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > MAX_BYTES) {
    throw new WhospeaksError('transcript-limit', `${path} has ${bytes} bytes; at most ${MAX_BYTES} are read`);
  }
  const text = readText(path);
  try {
    return readTranscript(text);
  } catch (error) {
    if (!isWhospeaksError(error)) throw error;
    throw new WhospeaksError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
