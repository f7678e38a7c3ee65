import { WebSocket } from 'ws';
import { callMessageSchema, missedSchema, type CallMessage } from '../../../src/server/telephony/call-messages.js';

export type Told<Type extends CallMessage['type']> = Extract<CallMessage, { type: Type }>;

/** Reads the events of a call over a WebSocket, and checks each message by its schema. */
export class CallReader {
  readonly messages: CallMessage[] = [];
  readonly missed: { from: number; to: number }[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #wake = (): void => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString());
      if ((message as CallMessage | { type: 'missed' }).type === 'missed') {
        this.missed.push(missedSchema.parse(message));
      } else this.messages.push(callMessageSchema.parse(message));
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
    { after = 0, headers = {} }: { after?: number; headers?: Record<string, string> } = {},
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
      if (status !== 404 || tries > 100) throw new Error(`status ${status}`);
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

  /** The names that settled turns of a track have, with their seconds. */
  finals(track: string): { speaker: string; start: number; end: number }[] {
    return this.of('event').flatMap(({ track: of, event }) =>
      of === track && event.type === 'final' ? [{ speaker: event.speaker, start: event.start, end: event.end }] : [],
    );
  }

  close(): void {
    this.#socket.close();
  }
}
