import { WebSocket } from 'ws';
import { errorSchema } from '../../../src/server/reply-schemas.js';
import {
  callMessageSchema,
  missedSchema,
  type CallMessage,
} from '../../../src/server/telephony/call-messages.js';

export type Told<Type extends CallMessage['type']> = Extract<CallMessage, { type: Type }>;

interface ReaderOptions {
  readonly after?: number;
  readonly headers?: Record<string, string>;
  /** How often a call is asked for that is not there. */
  readonly tries?: number;
}

/** Reads the events of a call over a WebSocket, and checks each message by its schema. */
export class CallReader {
  readonly messages: CallMessage[] = [];
  readonly missed: { from: number; to: number }[] = [];
  /** Why it was hung up. */
  error: string | null = null;
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #wake = (): void => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: CallMessage['type'] | 'missed' | 'error' };
      if (message.type === 'missed') this.missed.push(missedSchema.parse(message));
      else if (message.type === 'error') this.error = errorSchema.parse(message).code;
      else this.messages.push(callMessageSchema.parse(message));
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  /** Asks until the call is there. */
  static async of(
    server: { readonly port: number },
    call: string,
    { after = 0, headers = {}, tries: most = 50 }: ReaderOptions = {},
  ): Promise<CallReader> {
    const path = `/v1/telephony/calls/${encodeURIComponent(call)}/events?after=${after}`;
    for (let tries = 0; ; tries++) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
      const reader = new CallReader(socket);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        socket.once('open', () => {
          resolve(undefined);
        });
        socket.once('unexpected-response', (_, response) => {
          resolve(response.statusCode);
          socket.terminate();
        });
        socket.once('error', reject);
      });
      if (status === undefined) return reader;
      if (status !== 404 || tries > most) throw new Error(`status ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  of<Type extends CallMessage['type']>(type: Type): Told<Type>[] {
    return this.messages.filter((message): message is Told<Type> => message.type === type);
  }

  /** The next of a type, past or to come. */
  async wait<Type extends CallMessage['type']>(
    type: Type,
    is: (message: Told<Type>) => boolean = () => true,
  ): Promise<Told<Type>> {
    for (;;) {
      const found = this.of(type).find(is);
      if (found !== undefined) return found;
      if (this.#socket.readyState === WebSocket.CLOSED) {
        throw new Error(`closed before "${type}" came: ${JSON.stringify(this.messages.slice(-3))}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The turns of a track as they are known in the end: a correction gives a settled turn another name. */
  finals(track: string): { speaker: string; start: number; end: number }[] {
    const turns = new Map<number, { speaker: string; start: number; end: number }>();
    for (const { track: of, event } of this.of('event')) {
      if (of !== track || (event.type !== 'final' && event.type !== 'correction')) continue;
      turns.set(event.turn, { speaker: event.speaker, start: event.start, end: event.end });
    }
    return [...turns.values()];
  }

  close(): void {
    this.#socket.close();
  }
}
