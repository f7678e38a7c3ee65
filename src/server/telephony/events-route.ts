import { WhospeaksError } from '../../errors.js';
import { CLOSE } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { Principal } from '../access/principal.js';
import { closeWith } from '../session/close-reason.js';
import type { Brought, Peer, SocketRoute } from '../sockets/peer.js';
import type { WsLink } from '../ws-link.js';
import type { Call } from './call.js';
import type { CallBook } from './call-book.js';

export const CALL_EVENTS_PATH = '/v1/telephony/calls/{call}/events';

/** Readers of one call: they take no place among the streams, and must not take all connections. */
const MAX_READERS = 16;
/** Messages that are sent at once; the socket is looked at after each. */
const MAX_AT_ONCE = 256;
/** What may wait in a socket before nothing more is sent: the call keeps the rest, up to its bound. */
const MAX_UNSENT_BYTES = 256 * 1024;

export interface EventsParts {
  readonly gatekeeper: Gatekeeper;
  readonly calls: CallBook;
}

/** What is told of one call, as it is told, beginning after the message `?after`. */
export function eventsRoute({ gatekeeper, calls }: EventsParts): SocketRoute {
  return {
    path: CALL_EVENTS_PATH.replace(/\{\w+\}/, ':'),
    open: ({ request, query, parts: [id], nowMs }) => {
      const principal = gatekeeper.socket(request.headers, nowMs);
      const call = calls.find(principal.group, id!);
      if (call.listeners >= MAX_READERS) {
        throw new WhospeaksError(
          'server-limit',
          `${MAX_READERS} readers of this call are there already; end one first`,
        );
      }
      const after = query.get('after') ?? '0';
      if (!/^\d{1,15}$/.test(after) || Number(after) > call.log.lastId) {
        throw new WhospeaksError(
          'protocol-message',
          `"after": expected 0 to ${call.log.lastId}, the last message`,
        );
      }
      return (link) => new EventsPeer(principal, link, call, Number(after));
    },
  };
}

class EventsPeer implements Peer {
  readonly principal: Principal;
  readonly isWaiting = false;
  readonly isFull = false;
  readonly #link: WsLink;
  readonly #call: Call;
  readonly #stop: () => void;
  #told: number;

  constructor(principal: Principal, link: WsLink, call: Call, after: number) {
    this.principal = principal;
    this.#link = link;
    this.#call = call;
    this.#told = after;
    this.#stop = call.subscribe(() => {
      this.#send();
    });
    this.#send();
  }

  /** Nothing is asked here: it is read and forgotten. */
  onMessage(): Brought {
    return { seconds: 0 };
  }

  onSocketClosed(): void {
    this.#stop();
  }

  end(error: unknown): void {
    this.#stop();
    closeWith(this.#link, error);
  }

  tick(): void {
    this.#send();
  }

  #send(): void {
    while (this.#link.isOpen && this.#link.bufferedBytes < MAX_UNSENT_BYTES) {
      const { missed, messages } = this.#call.after(this.#told, MAX_AT_ONCE);
      if (missed !== null) {
        this.#link.send(JSON.stringify({ type: 'missed', call: this.#call.parts.id, ...missed }));
        this.#told = missed.to;
      }
      for (const message of messages) this.#link.send(message);
      this.#told += messages.length;
      if (messages.length > 0) continue;
      if (this.#call.isEnded) {
        this.#stop();
        this.#link.close(CLOSE.done, 'done');
      }
      return;
    }
  }
}
