import { WhospeaksError } from '../../errors.js';

/** A page's stream ends with its page: there are no snapshots of it, and `identify` of the browser has no option for them. */
function none(): never {
  throw new WhospeaksError('invalid-snapshot', 'resume: a browser takes no snapshots; begin a new stream');
}

export const writeSnapshot = none;
export const readSnapshot = none;
export const assertSame = none;
