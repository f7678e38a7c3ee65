import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect as connectSocket, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect, type ConnectOptions, type StreamEvent } from '../../src/client/index.js';
import { ROOT } from '../helpers.js';

export interface Member {
  readonly child: ChildProcess;
  readonly url: string;
}

/** A server of a fleet in a process of its own. */
export async function startMember(fleet: string): Promise<Member> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/fleet/kill-child.ts', fleet], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: (JSON.parse(line.toString()) as { url: string }).url };
}

export async function kill({ child }: Member, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill(signal);
  await over;
}

/** A balancer of the simplest kind: each connection goes to the next server that takes it, and sticks to none. */
export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #next = 0;
  members: Member[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      const member = this.members[this.#next++ % this.members.length];
      if (member === undefined) {
        socket.destroy();
        return;
      }
      const target = connectSocket(Number(new URL(member.url).port), '127.0.0.1');
      target.on('error', () => socket.destroy());
      target.on('close', () => socket.destroy());
      socket.on('close', () => target.destroy());
      socket.pipe(target).pipe(socket);
    });
  }

  static async start(): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

export interface Heard {
  readonly events: readonly StreamEvent[];
  /** How often the client came back. */
  readonly resumed: number;
  readonly restarted: number;
}

/** Sends `pcm` at so many times real time, and hears all events of it. */
export async function hearAll(
  url: string,
  pcm: Uint8Array,
  { speed, ...options }: { readonly speed: number } & Partial<ConnectOptions>,
): Promise<Heard> {
  const client = connect({
    url,
    WebSocket,
    // However busy the machine is, no sound is dropped.
    live: false,
    backoffMs: [20, 100],
    maxAttempts: 200,
    bufferSeconds: 120,
    ...options,
  });
  const events: StreamEvent[] = [];
  let opened = 0;
  client.status$.subscribe({
    next: ({ state }) => (opened += Number(state === 'open')),
    error: () => undefined,
  });
  const over = new Promise<void>((resolve, reject) => {
    client.events$.subscribe({ next: (event) => events.push(event), complete: resolve, error: reject });
  });
  const bytesPerSecond = (options.sampleRateHz ?? 16_000) * 2;
  const step = Math.floor(bytesPerSecond / 20) * 2;
  for (let at = 0; at < pcm.length; at += step) {
    void client.send(pcm.subarray(at, at + step));
    await sleep(100 / speed);
  }
  client.end();
  await over;
  const restarted = events.filter(({ type }) => type === 'restarted').length;
  return { events, resumed: opened - 1, restarted };
}
