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
  const files = pathsIn(value.slice(split + 1));
  if (split === 0 || files.length === 0) {
    throw new WhospeaksError(
      'invalid-option',
      `--enroll: expected FILE or NAME=FILE[,FILE...], received "${value}"`,
    );
  }
  return { name: value.slice(0, split), files };
}

/** Paths with commas between them. A comma belongs to a path where there is such a file: the longest one is taken. */
function pathsIn(list: string): string[] {
  const pieces = list.split(',');
  const paths: string[] = [];
  for (let at = 0; at < pieces.length;) {
    let end = pieces.length;
    while (end > at + 1 && !existsSync(pieces.slice(at, end).join(','))) end--;
    paths.push(pieces.slice(at, end).join(','));
    at = end;
  }
  return paths.filter((path) => path !== '');
}
