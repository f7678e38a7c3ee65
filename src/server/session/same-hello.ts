import { WhospeaksError } from '../../errors.js';

/** Fields of a hello that a client which comes back may not change. */
export const LASTING_FIELDS = [
  'encoding',
  'sampleRateHz',
  'channels',
  'audio',
  'live',
  'framing',
  'words',
] as const;

/** @throws {WhospeaksError} `protocol-message` where one of the fields is another */
export function assertSameHello<Field extends string>(
  fields: readonly Field[],
  first: Readonly<Partial<Record<Field, unknown>>>,
  now: Readonly<Partial<Record<Field, unknown>>>,
): void {
  const other = fields.find((field) => first[field] !== now[field]);
  if (other === undefined) return;
  throw new WhospeaksError(
    'protocol-message',
    `"${other}" is not what the session began with; send the same hello`,
  );
}
