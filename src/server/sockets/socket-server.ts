import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { WhospeaksError, isWhospeaksError } from '../../errors.js';
import { SUBPROTOCOL } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { RefusalLog } from '../access/refusal-log.js';
import { TokenBucket } from '../access/token-bucket.js';
import type { ServerConfig } from '../config.js';
import { faultOf } from '../fault.js';
import { requestUrl } from '../http/request-url.js';
import { notFound, withStatus } from '../http/http-error.js';
import { refuse } from '../http/refuse.js';
import { match } from '../http/router.js';
import type { ServerMetrics } from '../metrics.js';
import { WsLink } from '../ws-link.js';
import type { Peer, SocketRoute } from './peer.js';

export interface SocketServerParts {
  readonly config: ServerConfig;
  readonly routes: readonly SocketRoute[];
  readonly gatekeeper: Gatekeeper;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly refusals: RefusalLog;
  /** The clock of all time-outs. */
  readonly nowMs: () => number;
}

interface Open {
  readonly socket: WebSocket;
  readonly peer: Peer;
  heardAtMs: number;
  pingedAtMs: number;
}

/** More than this in a socket that pings us: nobody reads the answers. */
const MAX_UNREAD_PONG_BYTES = 1024 * 1024;
/** How often a full stream is looked at, ms. */
const FULL_MS = 20;
/** Pings in one idle time-out. */
const PINGS = 3;
/** Sockets of one token, or of none yet, that have not begun; beyond it the oldest is hung up. */
const MAX_SILENT = 64;

/** The WebSockets: upgrades, pace of reading, life signs. What messages mean is the business of a `Peer`. */
export class SocketServer {
  readonly #parts: SocketServerParts;
  readonly #server: WebSocketServer;
  readonly #open = new Set<Open>();

  constructor(parts: SocketServerParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: parts.config.maxMessageBytes,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    this.#server.on('wsClientError', (error, socket) => {
      const refusal = new WhospeaksError('protocol-message', `no WebSocket: ${error.message}`);
      refuse(socket, withStatus(400, refusal, { 'sec-websocket-version': '13' }));
    });
  }

  get openSockets(): number {
    return this.#open.size;
  }

  /** Take over a request for an upgrade, or refuse it with an HTTP status. Never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { gatekeeper, metrics, logger } = this.#parts;
    socket.on('error', () => socket.destroy());
    try {
      const url = requestUrl(request, this.#parts.config.basePath);
      const place = url && this.#placeOf(url.pathname);
      if (url === null || place === null) throw notFound();
      gatekeeper.checkOrigin(request.headers);
      const { route, parts } = place;
      const makePeer = route.open({ request, query: url.searchParams, parts, nowMs: this.#parts.nowMs() });
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        this.#accept(webSocket, makePeer);
      });
    } catch (error) {
      if (isWhospeaksError(error)) metrics.refusals.inc({ code: error.code });
      else logger.error({ err: faultOf(error) }, 'an upgrade failed');
      this.#parts.refusals.tell(error, request.socket.remoteAddress);
      refuse(socket, error);
    }
  }

  /** Call a few times a second. */
  tick(nowMs: number): void {
    const idleMs = this.#parts.config.idleTimeoutSeconds * 1000;
    const { gatekeeper } = this.#parts;
    for (const open of this.#open) {
      const { principal } = open.peer;
      if (principal !== null && !gatekeeper.mayStay(principal)) open.peer.end(notAnyMore(), nowMs);
      open.peer.tick(nowMs);
      if (nowMs - open.heardAtMs > idleMs) open.socket.terminate();
      else if (nowMs - Math.max(open.heardAtMs, open.pingedAtMs) > idleMs / PINGS) {
        open.pingedAtMs = nowMs;
        if (open.socket.readyState === open.socket.OPEN) open.socket.ping();
      }
    }
  }

  /** Hang up on everybody. */
  close(): void {
    for (const { socket } of this.#open) socket.terminate();
  }

  #placeOf(path: string): { readonly route: SocketRoute; readonly parts: readonly string[] } | null {
    for (const route of this.#parts.routes) {
      const parts = match(route.path, path);
      if (parts !== null) return { route, parts };
    }
    return null;
  }

  #accept(socket: WebSocket, makePeer: ReturnType<SocketRoute['open']>): void {
    const { config, nowMs: clock } = this.#parts;
    const nowMs = clock();
    const peer = makePeer(new WsLink(socket), nowMs);
    const open: Open = { socket, peer, heardAtMs: nowMs, pingedAtMs: nowMs };
    this.#open.add(open);
    this.#hangUpSilent(peer.principal?.tokenId);
    const pace = new Pace(socket, config, clock, () => peer.isFull);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      const atMs = clock();
      open.heardAtMs = atMs;
      const { seconds, cost } = peer.onMessage(toBytes(data), isBinary, atMs);
      pace.heard(seconds, atMs, cost);
    });
    socket.on('pong', () => {
      open.heardAtMs = clock();
      pace.heard(0, open.heardAtMs);
    });
    socket.on('ping', (payload) => {
      open.heardAtMs = clock();
      pace.heard(0, open.heardAtMs);
      // Answered here and not by ws, whose answers would wait without bound for one who does not read them.
      if (socket.bufferedAmount < MAX_UNREAD_PONG_BYTES) socket.pong(payload);
      else socket.terminate();
    });
    // A frame that ws itself refuses: it has sent the close code already.
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      pace.stop();
      this.#open.delete(open);
      peer.onSocketClosed(code, clock());
    });
  }

  /** Sockets that only wait to begin must not take the places of others. */
  #hangUpSilent(tokenId: string | undefined): void {
    const silent = [...this.#open].filter(
      ({ peer }) => peer.isWaiting && peer.principal?.tokenId === tokenId,
    );
    if (silent.length > MAX_SILENT) silent[0]!.socket.terminate();
  }
}

/** Reads a socket more slowly where it sends more than it may: the sender feels it as a slow network. */
class Pace {
  readonly #socket: WebSocket;
  readonly #config: ServerConfig;
  readonly #clock: () => number;
  readonly #messages: TokenBucket;
  readonly #isFull: () => boolean;
  #seconds: TokenBucket | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param isFull whether what was sent already has to be worked on first */
  constructor(socket: WebSocket, config: ServerConfig, clock: () => number, isFull: () => boolean) {
    this.#isFull = isFull;
    this.#socket = socket;
    this.#config = config;
    this.#clock = clock;
    this.#messages = new TokenBucket(config.messagesPerSecond, config.messagesPerSecond, clock());
  }

  /**
   * @param seconds live audio of the message
   * @param cost how many messages it counts as
   */
  heard(seconds: number, nowMs: number, cost = 1): void {
    this.#messages.take(cost, nowMs);
    if (seconds > 0) {
      const { maxLiveSpeed, bufferSeconds } = this.#config;
      this.#seconds ??= new TokenBucket(maxLiveSpeed, bufferSeconds, nowMs);
      this.#seconds.take(seconds, nowMs);
    }
    if (this.#timer === null) this.#wait(nowMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Read on when all that was taken is paid for: what was read already is still handled meanwhile, and costs too. */
  #wait(nowMs: number): void {
    const owedMs = Math.max(this.#messages.take(0, nowMs), this.#seconds?.take(0, nowMs) ?? 0);
    const waitMs = Math.max(owedMs, this.#isFull() ? FULL_MS : 0);
    const isOver = waitMs < 1;
    if (isOver && this.#timer !== null) this.#socket.resume();
    else if (!isOver) this.#socket.pause();
    this.#timer = isOver
      ? null
      : setTimeout(() => {
          this.#wait(this.#clock());
        }, waitMs);
  }
}

function notAnyMore(): WhospeaksError {
  return new WhospeaksError(
    'server-unauthorized',
    'the token of this stream was revoked or has expired; ask the operator for a new one',
  );
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
