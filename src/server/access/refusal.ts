import { WhospeaksError } from '../../errors.js';

/** Who was not let in, for the operator's log: nothing of it is a secret. */
export interface RefusedAccess {
  /** In a few fixed words. */
  readonly reason: string;
  /** The token's id, where it is one that the server knows. */
  readonly token?: string;
  /** Where the refused page came from. */
  readonly origin?: string;
}

/** A login or an origin that was refused: what the client is told, and what the operator reads. */
export class AccessRefusal extends WhospeaksError {
  readonly refused: RefusedAccess;

  constructor(code: 'server-unauthorized' | 'server-forbidden', message: string, refused: RefusedAccess) {
    super(code, message);
    this.refused = refused;
  }
}
