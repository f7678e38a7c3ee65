import { mkdtempSync, readFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import { WebSocket } from 'ws';
import { encodeAudioMessage, SUBPROTOCOL, type Hello, type ServerMessage } from '../../src/protocol/index.js';
import {
  configSchema,
  serve,
  type RunningServer,
  type ServerConfigInput,
  type ServiceParts,
} from '../../src/server/index.js';
import type { EnrollModel } from '../../src/index.js';
import { exampleStore } from '../example-voices.js';
import { AUDIO } from '../helpers.js';

/** A network that costs nothing: the mean of each mel bin, normalised. Deterministic, and good enough for events. */
export const cheapModel: EnrollModel = {
  name: 'cheap',
  fingerprint: 'c'.repeat(64),
  embedWindow: ({ features, frames }) => {
    const bins = features.length / frames;
    const sum = new Float32Array(bins);
    for (let i = 0; i < features.length; i++) sum[i % bins]! += Math.abs(features[i]!);
    const norm = Math.hypot(...sum) || 1;
    return Promise.resolve({ embedding: sum.map((value) => value / norm) });
  },
};

/** The machine of a test may be busy with others. */
export const PATIENT = { refuseWhenBehind: false, requestsPerSecond: 10_000, requestBurst: 10_000 };

export async function startServer(
  settings: ServerConfigInput = {},
  model: EnrollModel = cheapModel,
  parts: ServiceParts = {},
): Promise<RunningServer> {
  const config = configSchema.parse({
    port: 0,
    maxStreams: 64,
    ...PATIENT,
    dataFolder: mkdtempSync(join(tmpdir(), 'whospeaks-test-')),
    ...settings,
  });
  return serve(config, { model, logger: pino({ level: 'silent' }), ...parts });
}

/** Enrol the two speakers of the example meeting. */
export async function enrolExamples(server: { readonly url: string }): Promise<void> {
  for (const name of ['alice', 'bob']) {
    const body = new Uint8Array(readFileSync(`${AUDIO}/${name}.wav`));
    const reply = await fetch(`${server.url}/v1/speakers/${name}`, { method: 'PUT', body });
    if (!reply.ok) throw new Error(await reply.text());
  }
}

/** A new data folder with the same two, as the bundled model hears them: without the time that enrolment takes. */
export async function dataWithExamples(names?: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-test-'));
  await exampleStore(join(folder, 'speakers'), names);
  return folder;
}

/** The example meeting: 16 kHz mono s16le. */
export function meetingPcm(seconds = Infinity): Buffer {
  const pcm = readFileSync(`${AUDIO}/meeting.wav`).subarray(44);
  return pcm.subarray(0, Math.min(pcm.length, seconds * 32_000));
}

/** A logger, and what it wrote at any level. */
export function keptLog(): { readonly logger: Logger; text(): string } {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  return { logger: pino({ level: 'trace' }, sink), text: () => text };
}

export const hello: Hello = {
  type: 'hello',
  version: 1,
  encoding: 's16le',
  sampleRateHz: 16_000,
  live: false,
};

export interface Told {
  readonly messages: ServerMessage[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  /** The next message for which `is` holds, past or to come. */
  wait<Type extends ServerMessage['type']>(
    type: Type,
    is?: (message: Extract<ServerMessage, { type: Type }>) => boolean,
  ): Promise<Extract<ServerMessage, { type: Type }>>;
  send(message: object): void;
  audio(sequence: number, payload: Uint8Array, skippedFrames?: number): void;
}

/** A bare WebSocket to the server, which keeps what it is told. */
export async function open(
  server: { readonly port: number },
  options: { headers?: Record<string, string>; protocols?: string[]; path?: string } = {},
): Promise<Told> {
  const socket = new WebSocket(
    `ws://127.0.0.1:${server.port}${options.path ?? '/v1/stream'}`,
    options.protocols ?? [SUBPROTOCOL],
    { headers: options.headers ?? {} },
  );
  const messages: ServerMessage[] = [];
  const wakers = new Set<() => void>();
  const wake = (): void => {
    for (const waker of wakers) waker();
  };
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as ServerMessage);
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      resolve(code);
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    messages,
    closed,
    socket,
    send: (message) => {
      socket.send(JSON.stringify(message));
    },
    audio: (sequence, payload, skippedFrames = 0) => {
      socket.send(encodeAudioMessage({ sequence, skippedFrames, payload }));
    },
    wait: async (type, is = () => true) => {
      for (;;) {
        const found = messages.find((message) => message.type === type && is(message as never));
        if (found !== undefined) return found as never;
        if (socket.readyState === WebSocket.CLOSED) {
          throw new Error(`closed before "${type}" came; told: ${JSON.stringify(messages.slice(-3))}`);
        }
        await new Promise<void>((resolve) => {
          const waker = (): void => {
            wakers.delete(waker);
            resolve();
          };
          wakers.add(waker);
        });
      }
    },
  };
}

/** A proxy that forwards bytes both ways and cuts the connection after as many of them as `nextCut` says. */
export class CuttingProxy {
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number, nextCut: () => number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on('connection', (client) => {
      const target = createConnection(targetPort, '127.0.0.1');
      let left = nextCut();
      const cut = (): void => {
        client.destroy();
        target.destroy();
      };
      const forward = (from: Socket, to: Socket): void => {
        proxy.#sockets.add(from);
        from.on('error', cut);
        from.on('close', () => {
          proxy.#sockets.delete(from);
          cut();
        });
        from.on('data', (bytes) => {
          if (bytes.length < left) {
            left -= bytes.length;
            to.write(bytes);
            return;
          }
          if (left <= 0) return;
          // The last bytes still go out, so that a message is cut anywhere, and so that what was sent may have come.
          to.write(bytes.subarray(0, left));
          left = 0;
          proxy.cuts += 1;
          setImmediate(cut);
        });
      };
      forward(client, target);
      forward(target, client);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cut every connection that is open now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
