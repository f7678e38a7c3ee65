import { isUnknownLabel, speakerName, UNKNOWN } from '../tracker/index.js';
import type { NamedEvent, ProfileStore } from '../tracker/index.js';
import { WhospeaksError } from '../errors.js';

/** An unknown voice that gets a name when the stream ends, and is saved. */
export interface NameRequest {
  readonly label: string;
  readonly speaker: string;
}

/** Read one `--name` value: `unknown-1=dana`. */
export function parseName(value: string, previous: readonly NameRequest[] = []): NameRequest[] {
  const split = value.indexOf('=');
  const label = value.slice(0, Math.max(0, split)).trim();
  if (!isUnknownLabel(label) || label === UNKNOWN) {
    throw new WhospeaksError(
      'invalid-option',
      `--name: expected LABEL=NAME, such as unknown-1=dana, received "${value}"`,
    );
  }
  const request = { label, speaker: speakerName(value.slice(split + 1)) };
  if (previous.some((other) => other.label === label)) {
    throw new WhospeaksError('invalid-option', `--name names "${label}" twice; give it one name`);
  }
  return [...previous, request];
}

/** Refuse a name that is taken before anything is listened to, and not after an hour. */
export async function assertFree(requests: readonly NameRequest[], store: ProfileStore): Promise<void> {
  for (const { speaker } of requests) await store.assertFree(speaker);
}

/** Save the voices that were named; throws `speaker-not-found` where one was not heard, once the others are saved. */
export async function saveNamed(
  requests: readonly NameRequest[],
  named: readonly NamedEvent[],
  store: ProfileStore,
): Promise<void> {
  for (const { label, profile } of named) {
    await store.add(profile);
    process.stderr.write(
      `saved ${label} as ${profile.name} (${profile.speechSeconds.toFixed(1)} s of speech)\n`,
    );
  }
  const missing = requests.filter(({ label }) => !named.some((event) => event.label === label));
  if (missing.length === 0) return;
  const labels = missing.map(({ label }) => label).join(', ');
  throw new WhospeaksError(
    'speaker-not-found',
    `--name: ${labels} could not be named; nothing was saved for it`,
  );
}
