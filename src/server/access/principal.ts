/** Who a request comes from, once its token was checked. */
export interface Principal {
  /** Names the token in logs and limits; not the token. */
  readonly tokenId: string;
  /** The speakers and streams that it may see. */
  readonly group: string;
  /** May read the metrics of the whole process. */
  readonly isOperator: boolean;
  readonly maxStreams?: number | undefined;
}

/** Who is let in where the server has no tokens: it listens on loopback only then. */
export const ANYBODY: Principal = { tokenId: 'anybody', group: 'default', isOperator: true };
