import type { IncomingMessage } from 'node:http';
import { WhospeaksError } from '../../errors.js';
import { STREAM_PATH, SUBPROTOCOL } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { Principal } from '../access/principal.js';
import { withStatus } from '../http/http-error.js';
import { helloOfQuery } from '../messages.js';
import { closeWith } from '../session/close-reason.js';
import { Connection, type ConnectionParts } from '../session/connection.js';
import { textOf, type Brought, type Peer, type SocketRoute } from './peer.js';

export interface StreamRouteParts extends Pick<ConnectionParts, 'registry' | 'settings' | 'takeUp'> {
  readonly gatekeeper: Gatekeeper;
  /** Throws where a balancer should try another server before there is a WebSocket. */
  readonly refuseUpgrade?: (() => void) | undefined;
  readonly onClosed: (principal: Principal, ...args: Parameters<ConnectionParts['onClosed']>) => void;
}

/** Streams of the service's own protocol. */
export function streamRoute({
  gatekeeper,
  refuseUpgrade,
  onClosed,
  ...parts
}: StreamRouteParts): SocketRoute {
  return {
    path: STREAM_PATH,
    open: ({ request, query, nowMs }) => {
      const principal = gatekeeper.socket(request.headers, nowMs);
      assertSubprotocol(request);
      refuseUpgrade?.();
      return (link, openedAtMs) => {
        const connection = new Connection(
          {
            ...parts,
            link,
            principal,
            onClosed: (code, error) => {
              onClosed(principal, code, error);
            },
          },
          openedAtMs,
        );
        // A hello in the URL needs no first message.
        try {
          const hello = helloOfQuery(query);
          if (hello !== null) connection.hello(hello, openedAtMs);
        } catch (error) {
          closeWith(link, error);
        }
        return new StreamPeer(principal, connection);
      };
    },
  };
}

/** Messages that one of words counts as: naming them costs some milliseconds at the most. */
const WORDS_COST = 20;

class StreamPeer implements Peer {
  readonly principal: Principal;
  readonly #connection: Connection;

  constructor(principal: Principal, connection: Connection) {
    this.principal = principal;
    this.#connection = connection;
  }

  get isWaiting(): boolean {
    return this.#connection.session === null;
  }

  get isFull(): boolean {
    return this.#connection.session?.isFull === true;
  }

  onMessage(bytes: Uint8Array, isBinary: boolean, nowMs: number): Brought {
    const { session } = this.#connection;
    const heardSeconds = session?.heardSeconds ?? 0;
    const words = session?.nextWords ?? 0;
    if (isBinary) this.#connection.onBinary(bytes, nowMs);
    else this.#connection.onText(textOf(bytes), nowMs);
    const cost = 1 + WORDS_COST * ((session?.nextWords ?? 0) - words);
    if (session?.live !== true) return { seconds: 0, cost };
    // What came, and what was made of it: a gap is filled with a little silence, which is work too.
    const came = isBinary ? session.secondsOf(bytes.length) : 0;
    return { seconds: Math.max(came, session.heardSeconds - heardSeconds), cost };
  }

  onSocketClosed(code: number, nowMs: number): void {
    this.#connection.onSocketClosed(code, nowMs);
  }

  end(error: unknown, nowMs: number): void {
    this.#connection.end(error, nowMs);
  }

  tick(nowMs: number): void {
    this.#connection.tick(nowMs);
  }
}

function assertSubprotocol(request: IncomingMessage): void {
  const offered = request.headers['sec-websocket-protocol'];
  if (offered === undefined || offered.split(',').some((name) => name.trim() === SUBPROTOCOL)) return;
  throw withStatus(
    400,
    new WhospeaksError(
      'protocol-version',
      `this server speaks the subprotocol ${SUBPROTOCOL} only; update the client`,
    ),
  );
}
