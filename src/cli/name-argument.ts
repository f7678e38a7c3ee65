import { speakerName } from '../speakers/index.js';
import { isUnknownLabel, UNKNOWN } from '../tracker/index.js';
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
  return [...previous, request];
}

/** Read `unknown-1=dana`, or `unknown-2=unknown-1`. */
export function nameRequest(value: string): NameRequest {
  const split = value.indexOf('=');
  const label = value.slice(0, Math.max(0, split)).trim();
  if (!isUnknownLabel(label) || label === UNKNOWN) {
    throw new WhospeaksError(
      'invalid-option',
      `expected LABEL=NAME, such as unknown-1=dana; received "${value}"`,
    );
  }
  const speaker = value.slice(split + 1).trim();
  return { label, speaker: isUnknownLabel(speaker) ? speaker : speakerName(speaker) };
}

/** Read `01:15=dana`: whose the turn at that time was; null where it is something else. */
export function turnRequest(value: string): { readonly atSeconds: number; readonly speaker: string } | null {
  const [, hours = '0', minutes, seconds, speaker = ''] =
    /^\s*(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*=(.*)$/s.exec(value) ?? [];
  if (minutes === undefined) return null;
  return {
    atSeconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    speaker: speaker.trim(),
  };
}

/** Names with commas between them. */
export function nameList(value: string): string[] {
  return value.split(',').filter((name) => name !== '');
}
