import { WhospeaksError } from '../../errors.js';
import type { CloseCode } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { Principal } from '../access/principal.js';
import { closeReasonOf } from '../session/close-reason.js';
import { textOf, type Brought, type Peer, type SocketRoute, type Upgrade } from '../sockets/peer.js';
import type { WsLink } from '../ws-link.js';
import type { Call, CallLink } from './call.js';
import type { CallBook } from './call-book.js';
import { parseProviderMessage, type CallInput, type ProviderName, type StartMessage } from './dialect.js';
import { MessageOrder, type Ordered } from './message-order.js';

export const PROVIDER_PATHS: Readonly<Record<ProviderName, string>> = {
  twilio: '/v1/telephony/twilio',
  telnyx: '/v1/telephony/telnyx',
};

/** A "stop" waits so long for what should have come before it, ms. */
const STOP_WAIT_MS = 1000;
/** Parameters of a call that are for this server, and told to nobody. */
const OWN_PARAMETERS = new Set(['token', 'ticket', 'webhook']);

export interface ProviderParts {
  readonly gatekeeper: Gatekeeper;
  readonly calls: CallBook;
  readonly startTimeoutSeconds: number;
  /** Whether the request is the provider's; throws where it is not. */
  readonly assertSigned: (provider: ProviderName, upgrade: Upgrade) => void;
  /** A connection was ended for this reason; `from`: its address. */
  readonly onClosed: (
    principal: Principal | null,
    code: CloseCode,
    error: unknown,
    from: string | undefined,
  ) => void;
}

/** Where a provider of telephony sends its calls. */
export function providerRoute(provider: ProviderName, parts: ProviderParts): SocketRoute {
  return {
    path: PROVIDER_PATHS[provider],
    open: (upgrade) => {
      const { request, nowMs } = upgrade;
      const { gatekeeper } = parts;
      parts.assertSigned(provider, upgrade);
      const principal = gatekeeper.isNamed(request.headers)
        ? gatekeeper.socket(request.headers, nowMs)
        : null;
      const from = request.socket.remoteAddress;
      return (link, openedAtMs) => new ProviderPeer(provider, parts, link, principal, from, openedAtMs);
    },
  };
}

/** One connection of a provider. Nothing is sent on it: of a stream in one direction the provider takes nothing. */
class ProviderPeer implements Peer, CallLink {
  readonly #provider: ProviderName;
  readonly #parts: ProviderParts;
  readonly #link: WsLink;
  readonly #from: string | undefined;
  readonly #openedAtMs: number;
  readonly #order = new MessageOrder<CallInput>();
  #principal: Principal | null;
  #call: Call | null = null;
  #stream: string | null = null;
  #stopAtMs: number | null = null;
  #isClosed = false;

  constructor(
    provider: ProviderName,
    parts: ProviderParts,
    link: WsLink,
    principal: Principal | null,
    from: string | undefined,
    nowMs: number,
  ) {
    this.#provider = provider;
    this.#parts = parts;
    this.#link = link;
    this.#principal = principal;
    this.#from = from;
    this.#openedAtMs = nowMs;
  }

  get principal(): Principal | null {
    return this.#principal;
  }

  get isWaiting(): boolean {
    return this.#call?.hasTrack !== true;
  }

  readonly isFull = false;

  onMessage(bytes: Uint8Array, isBinary: boolean, nowMs: number): Brought {
    if (this.#isClosed) return { seconds: 0 };
    const heardSeconds = this.#call?.heardSeconds ?? 0;
    this.#guard(() => {
      if (isBinary)
        throw new WhospeaksError('protocol-message', 'a binary message came; calls are told in JSON');
      const message = parseProviderMessage(this.#provider, textOf(bytes));
      if (message.event === 'start') this.#start(message, nowMs);
      else if (message.event === 'input') {
        this.#assertStream(message.stream);
        if (message.input.event === 'stop') this.#stopAtMs = nowMs;
        const { late } = this.#order;
        this.#take(this.#order.push(message.sequence, message.input), nowMs);
        if (this.#order.late > late) this.#call?.dropped(this.#order.late - late);
      }
    }, nowMs);
    return { seconds: Math.max(0, (this.#call?.heardSeconds ?? 0) - heardSeconds) };
  }

  onSocketClosed(_code: number, nowMs: number): void {
    this.#flush(nowMs);
    this.#isClosed = true;
    this.#call?.lost(this, nowMs);
  }

  /** Hung up by the server, or by the call. */
  end(error: unknown, nowMs?: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error === null) {
      this.#link.close(1000, 'done');
      return;
    }
    const { closeCode, message } = closeReasonOf(error);
    this.#link.close(closeCode, message.code);
    this.#parts.onClosed(this.#principal, closeCode, error, this.#from);
    if (nowMs !== undefined) this.#call?.abandon(error, nowMs);
  }

  tick(nowMs: number): void {
    if (this.#isClosed) return;
    if (this.#stopAtMs !== null && nowMs - this.#stopAtMs >= STOP_WAIT_MS) this.#flush(nowMs);
    const { startTimeoutSeconds } = this.#parts;
    if (this.#call !== null || nowMs - this.#openedAtMs < startTimeoutSeconds * 1000) return;
    this.end(new WhospeaksError('server-timeout', `no "start" came within ${startTimeoutSeconds} s`), nowMs);
  }

  #start(start: StartMessage, nowMs: number): void {
    if (this.#call !== null) {
      throw new WhospeaksError(
        'protocol-message',
        'the message "start" came twice; one connection is one call',
      );
    }
    this.#principal ??= this.#principalOf(start, nowMs);
    const call = this.#parts.calls.of(this.#principal, this.#provider, start, nowMs);
    this.#call = call;
    this.#stream = start.stream;
    const told = Object.entries(start.parameters).filter(([name]) => !OWN_PARAMETERS.has(name));
    call.attach({ ...start, parameters: Object.fromEntries(told) }, this, nowMs);
    this.#take(this.#order.begin(start.sequence), nowMs);
  }

  #principalOf({ parameters: { token, ticket } }: StartMessage, nowMs: number): Principal {
    const { gatekeeper } = this.#parts;
    return ticket === undefined ? gatekeeper.token(token ?? null, nowMs) : gatekeeper.ticket(ticket, nowMs);
  }

  #take(ordered: readonly Ordered<CallInput>[], nowMs: number): void {
    for (const { message, missing } of ordered) this.#call?.take(message, missing, nowMs);
  }

  #flush(nowMs: number): void {
    if (this.#call === null || this.#isClosed) return;
    this.#guard(() => {
      this.#take(this.#order.flush(), nowMs);
    }, nowMs);
  }

  #assertStream(stream: string | null): void {
    if (stream === null || this.#stream === null || stream === this.#stream) return;
    throw new WhospeaksError('protocol-message', 'a message is of another stream than "start"');
  }

  #guard(work: () => void, nowMs: number): void {
    try {
      work();
    } catch (error) {
      this.#call?.finish(error, nowMs);
      this.end(error);
    }
  }
}
