import { WhospeaksError } from '../../errors.js';

/** A file system failure in the store's folder as `store-unwritable`; WhospeaksErrors stay what they are. */
export function asStoreError(error: unknown, path: string): WhospeaksError {
  if (error instanceof WhospeaksError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WhospeaksError(
    'store-unwritable',
    `speaker store ${path} cannot be used (${reason}); check its permissions and free space, or choose another ` +
      'folder with --store or WHOSPEAKS_HOME',
    { cause: error },
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
