import type { IncomingMessage } from 'node:http';
import type { Principal } from '../access/principal.js';
import type { WsLink } from '../ws-link.js';

/** What a message brought, for the pace of reading. */
export interface Brought {
  /** Live audio. */
  readonly seconds: number;
  /** How many messages it counts as; default 1. */
  readonly cost?: number;
}

/** Who speaks on one WebSocket. Its pace, its life signs and its place are the business of `SocketServer`. */
export interface Peer {
  /** Null until it has said who it is. */
  readonly principal: Principal | null;
  /** Whether it has still to say what it wants. */
  readonly isWaiting: boolean;
  /** Whether nothing more is to be read for now: what came has to be worked on first. */
  readonly isFull: boolean;
  onMessage(bytes: Uint8Array, isBinary: boolean, nowMs: number): Brought;
  /** The socket is closed, by whomever. */
  onSocketClosed(code: number, nowMs: number): void;
  /** Hang up, for this reason. */
  end(error: unknown, nowMs: number): void;
  /** Call a few times a second. */
  tick(nowMs: number): void;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** Parts of the path that the route left open, decoded. */
  readonly parts: readonly string[];
  readonly nowMs: number;
}

/** What there is at a path, for WebSockets. */
export interface SocketRoute {
  /** As of `Router`: `:` stands for any one part. */
  readonly path: string;
  /** Check the request; returns what makes its peer once it is a WebSocket. Throws what it is refused with. */
  open(upgrade: Upgrade): (link: WsLink, nowMs: number) => Peer;
}

/** The text of a message. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
