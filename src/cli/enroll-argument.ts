import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { WhospeaksError } from '../errors.js';

export interface EnrollRequest {
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * Read one `--enroll` value: `alice.wav` (the name is the file's), or `bob=b1.wav,b2.wav`. A value that
 * is itself an existing file is taken as that file, whatever characters it has.
 */
export function parseEnroll(value: string, previous: readonly EnrollRequest[] = []): EnrollRequest[] {
  const request = readEnroll(value);
  if (previous.some(({ name }) => name.toLowerCase() === request.name.toLowerCase())) {
    throw new WhospeaksError(
      'speaker-exists',
      `--enroll names "${request.name}" twice; list several recordings of one speaker as ${request.name}=a.wav,b.wav`,
    );
  }
  return [...previous, request];
}

function readEnroll(value: string): EnrollRequest {
  const split = value.indexOf('=');
  if (split < 0 || existsSync(value)) return { name: basename(value, extname(value)), files: [value] };
  const files = value
    .slice(split + 1)
    .split(',')
    .filter((file) => file !== '');
  if (split === 0 || files.length === 0) {
    throw new WhospeaksError(
      'invalid-option',
      `--enroll: expected FILE or NAME=FILE[,FILE...], received "${value}"`,
    );
  }
  return { name: value.slice(0, split), files };
}
