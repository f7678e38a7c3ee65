import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  decodeAudioMessage,
  type ClientMessage,
  type Hello,
  type WordsMessage,
  type WireEvent,
} from '../../src/protocol/index.js';

interface Session {
  readonly id: string;
  readonly audio: Buffer[];
  readonly skipped: number[];
  readonly events: WireEvent[];
  next: number;
  /** As they came, each once. */
  readonly words: WordsMessage[];
  ended: boolean;
}

export interface FakeOptions {
  /** Payload bytes that may be on their way. */
  creditBytes?: number;
  /** Acks are sent by `ackAll()` alone. */
  manualAcks?: boolean;
  token?: string;
}

/**
 * The server's side of the protocol as docs/protocol.md has it, with no speech in it: it keeps what it was
 * sent, tells the events that the test gives it, and breaks connections when told to.
 */
export class FakeService {
  readonly sessions: Session[] = [];
  readonly hellos: Hello[] = [];
  readonly received: ClientMessage[] = [];
  readonly tickets: string[] = [];
  socket: WebSocket | undefined;
  /** Sessions that are forgotten cannot be resumed. */
  forget = false;
  /** Close the next connections right away with this code. */
  refuse: { code: number; times: number } | undefined;
  private readonly sockets: WebSocketServer;

  private constructor(
    private readonly http: Server,
    private readonly options: FakeOptions,
  ) {
    this.sockets = new WebSocketServer({ server: http, path: '/v1/stream' });
    this.sockets.on('connection', (socket, request) => {
      this.accept(socket, request);
    });
  }

  static async start(options: FakeOptions = {}): Promise<FakeService> {
    const http = createServer((request, response) => {
      const bearer = request.headers.authorization;
      if (options.token !== undefined && bearer !== `Bearer ${options.token}`) {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { code: 'server-unauthorized', message: 'no such token' } }));
        return;
      }
      const ticket = `t${service.tickets.length}`;
      service.tickets.push(ticket);
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ticket, expiresInSeconds: 30 }));
    });
    const service = new FakeService(http, options);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get session(): Session {
    return this.sessions.at(-1)!;
  }

  /** All audio of a session, as it was sent. */
  audioOf(session = this.session): Buffer {
    return Buffer.concat(session.audio);
  }

  tell(event: WireEvent): void {
    this.session.events.push(event);
    this.send({ type: 'event', id: this.session.events.length, event });
  }

  send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  ackAll(): void {
    const { next, words } = this.session;
    const nextWords = this.hellos.at(-1)?.words === true ? words.length : undefined;
    this.send({ type: 'ack', sequence: next - 1, creditBytes: this.credit, nextWords });
  }

  /** Break the connection as a network does. */
  cut(): void {
    this.socket?.terminate();
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private get credit(): number {
    return this.options.creditBytes ?? 320_000;
  }

  private accept(socket: WebSocket, request: IncomingMessage): void {
    if (this.options.token !== undefined) {
      const offered = request.headers['sec-websocket-protocol'] ?? '';
      const ticket = this.tickets.find((one) => offered.split(/, */).includes(`whospeaks.ticket.${one}`));
      if (ticket === undefined) {
        socket.terminate();
        return;
      }
      this.tickets[this.tickets.indexOf(ticket)] = 'used';
    }
    if (this.refuse !== undefined && this.refuse.times-- > 0) {
      socket.close(this.refuse.code);
      return;
    }
    this.socket = socket;
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.audio(data, socket);
      else this.message(JSON.parse(data.toString()) as ClientMessage, socket);
    });
  }

  private message(message: ClientMessage, socket: WebSocket): void {
    this.received.push(message);
    if (message.type === 'hello') this.hello(message, socket);
    if (message.type === 'words') this.words(message, socket);
    if (message.type !== 'end') return;
    if (message.messages !== this.session.next) throw new Error(`end after ${message.messages} messages`);
    this.session.ended = true;
    this.tell({ type: 'end', endSample: 0, end: 0 });
    socket.close(1000);
  }

  private hello(hello: Hello, socket: WebSocket): void {
    this.hellos.push(hello);
    const { resume } = hello;
    const known = this.sessions.find(({ id }) => id === resume?.session);
    if (resume !== undefined && (known === undefined || this.forget || resume.token !== 'secret')) {
      this.send({ type: 'error', code: 'session-unknown', message: 'nothing to resume', fatal: true });
      socket.close(4004);
      return;
    }
    const session = known ?? {
      id: `s${this.sessions.length}`,
      audio: [],
      skipped: [],
      events: [],
      next: 0,
      words: [],
      ended: false,
    };
    if (known === undefined) this.sessions.push(session);
    this.send({
      type: 'welcome',
      version: 1,
      session: session.id,
      resumeToken: 'secret',
      resumeWindowSeconds: 60,
      resumed: known !== undefined,
      nextSequence: session.next,
      ...(hello.words === true && { nextWords: session.words.length }),
      creditBytes: this.credit,
      maxMessageBytes: 262_144,
      idleTimeoutSeconds: 30,
      latencySeconds: 1,
      group: 'default',
      speakers: [],
      model: { name: 'fake', fingerprint: '0' },
    });
    session.events.forEach((event, i) => {
      if (resume !== undefined && i + 1 > resume.lastEvent) this.send({ type: 'event', id: i + 1, event });
    });
  }

  private words(message: WordsMessage, socket: WebSocket): void {
    const { words } = this.session;
    if (message.sequence > words.length) {
      socket.close(4005);
      return;
    }
    if (message.sequence === words.length) words.push(message);
    if (this.options.manualAcks !== true) this.ackAll();
  }

  private audio(data: Buffer, socket: WebSocket): void {
    const { session } = this;
    const { sequence, skippedFrames, payload } = decodeAudioMessage(data)!;
    if (sequence !== session.next) {
      socket.close(4005);
      return;
    }
    session.next++;
    session.audio.push(Buffer.from(payload));
    session.skipped.push(skippedFrames);
    if (this.options.manualAcks !== true) this.ackAll();
  }
}
