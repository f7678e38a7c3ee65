import {
  STREAM_PATH,
  SUBPROTOCOL,
  TICKET_SUBPROTOCOL_PREFIX,
  type ServerMessage,
  type TicketReply,
} from '../protocol/index.js';
import { request } from './http.js';
import type { ResolvedOptions, SocketLike } from './options.js';

const OPEN = 1;

/** What the owner of a socket hears of it. */
export interface SocketEvents {
  /** It is open: say hello. */
  readonly onOpen: () => void;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onClose: (code: number) => void;
  /** The server gave no ticket, so that there is no socket. */
  readonly onRefused: (error: unknown) => void;
}

/** The WebSockets to the server, one at a time: each opened with a ticket of its own, and let go of when it is silent. */
export class ServerSocket {
  private socket: SocketLike | undefined;
  private heardMs = 0;
  private isOver = false;
  private url: URL;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly events: SocketEvents,
  ) {
    this.url = options.url;
  }

  /** Connect there from now on; default: to the address that was given. */
  moveTo(url: URL = this.options.url): void {
    this.url = url;
  }

  async connect(): Promise<void> {
    const protocols = [SUBPROTOCOL];
    try {
      if (this.options.token !== undefined) protocols.push(await this.ticket());
    } catch (error) {
      if (!this.isOver) this.events.onRefused(error);
      return;
    }
    // It may have been closed while the ticket was on its way.
    if (!this.isOver) this.attach(new this.options.WebSocket(this.streamUrl(), protocols));
  }

  /** @throws RequestError where the server refuses it, or is not there */
  async ticket(): Promise<string> {
    const reply = await request({ ...this.options, url: this.url }, 'v1/tickets', { method: 'POST' });
    const { ticket } = (await reply.json()) as TicketReply;
    return `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`;
  }

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN;
  }

  /** Where no socket is open, nothing is sent. */
  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.isOpen) this.socket!.send(data);
  }

  /** Half-open connections look alive: an answer that stays away gives them away. Returns whether this one was let go of. */
  hangUpIfSilent(isAnswerOwed: boolean, limitMs: number): boolean {
    const { socket } = this;
    if (socket === undefined) return false;
    if (!isAnswerOwed) this.heardMs = Date.now();
    if (Date.now() - this.heardMs <= limitMs) return false;
    this.socket = undefined;
    socket.close();
    return true;
  }

  /** For good. */
  close(code: number): void {
    this.isOver = true;
    this.socket?.close(code);
    this.socket = undefined;
  }

  private attach(socket: SocketLike): void {
    this.socket = socket;
    this.heardMs = Date.now();
    socket.binaryType = 'arraybuffer';
    // A socket that was let go may still speak; it is no longer listened to.
    const whileCurrent =
      <T>(listener: (event: T) => void) =>
      (event: T): void => {
        if (this.socket === socket) listener(event);
      };
    socket.addEventListener('open', whileCurrent<object>(this.events.onOpen));
    socket.addEventListener(
      'message',
      whileCurrent(({ data }: { data: unknown }) => {
        this.heardMs = Date.now();
        if (typeof data === 'string') this.events.onMessage(JSON.parse(data) as ServerMessage);
      }),
    );
    socket.addEventListener(
      'close',
      whileCurrent(({ code }: { code: number }) => {
        this.socket = undefined;
        this.events.onClose(code);
      }),
    );
    // The close event follows and tells more; without a listener `ws` would throw.
    socket.addEventListener('error', () => undefined);
  }

  private streamUrl(): string {
    const url = new URL(STREAM_PATH.slice(1), this.url);
    url.protocol = url.protocol.replace('http', 'ws');
    return url.href;
  }
}
