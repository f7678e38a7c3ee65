import { speakerName } from '../speakers/index.js';
import { isUnknownLabel, UNKNOWN } from '../tracker/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { WhospeaksError } from '../errors.js';

/** An unknown voice that gets a name. */
export interface NameRequest {
  readonly label: string;
  readonly speaker: string;
}

/** Read one `--name` value. */
export function parseName(value: string, previous: readonly NameRequest[] = []): NameRequest[] {
  const request = nameRequest(value);
  if (previous.some((other) => other.label === request.label)) {
    throw new WhospeaksError('invalid-option', `--name names "${request.label}" twice; give it one name`);
  }
  if (previous.some((other) => nameKey(other.speaker) === nameKey(request.speaker))) {
    throw new WhospeaksError(
      'speaker-exists',
      `--name gives two voices the name "${request.speaker}"; give each a name of its own`,
    );
  }
  return [...previous, request];
}

/** Read `unknown-1=dana`. */
export function nameRequest(value: string): NameRequest {
  const split = value.indexOf('=');
  const label = value.slice(0, Math.max(0, split)).trim();
  if (!isUnknownLabel(label) || label === UNKNOWN) {
    throw new WhospeaksError(
      'invalid-option',
      `a voice is named by LABEL=NAME, such as unknown-1=dana; received "${value}"`,
    );
  }
  return { label, speaker: speakerName(value.slice(split + 1)) };
}

/** Names with commas between them. */
export function nameList(value: string): string[] {
  return value.split(',').filter((name) => name !== '');
}
