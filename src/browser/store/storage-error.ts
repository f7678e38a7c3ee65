import { WhospeaksError } from '../../errors.js';
import { messageOf } from '../../speakers/store/store-errors.js';

/** What the browser says of its storage, as the store's error. */
export function asStorageError(error: unknown): WhospeaksError {
  if (error instanceof WhospeaksError) return error;
  const isFull = error instanceof Error && error.name === 'QuotaExceededError';
  const message = isFull
    ? 'the browser has no more room for the speaker store; nothing was changed; remove speakers, or free space on this machine'
    : `the browser does not keep the speaker store (${messageOf(error)}); allow this site to keep data, leave private browsing, or ` +
      'use another browser';
  return new WhospeaksError('store-unwritable', message, { cause: error });
}
