import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real nats-server with JetStream on the loopback address. */
export class NatsServer {
  readonly port: number;
  readonly folder: string;
  readonly #config: string;
  readonly #jetstream: string;
  readonly #diskMiB: number | undefined;
  #process: ChildProcess | undefined;

  private constructor(
    port: number,
    folder: string,
    config: string,
    jetstream: string,
    diskMiB: number | undefined,
  ) {
    this.#diskMiB = diskMiB;
    this.port = port;
    this.folder = folder;
    this.#config = config;
    this.#jetstream = jetstream;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /**
   * @param config lines of its configuration more
   * @param jetstream settings of JetStream more
   * @param diskMiB where it is to have a disk of its own of this size, in memory, which goes with the process
   */
  static async start(config = '', jetstream = '', diskMiB?: number): Promise<NatsServer> {
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'whospeaks-nats-')), await freePort()];
    const server = new NatsServer(port, folder, config, jetstream, diskMiB);
    await server.restart();
    return server;
  }

  async restart(): Promise<void> {
    const file = join(this.folder, 'nats.conf');
    await writeFile(
      file,
      `listen: 127.0.0.1:${this.port}\njetstream { store_dir: ${JSON.stringify(join(this.folder, 'data'))}\n${this.#jetstream}\n}\n${this.#config}\n`,
    );
    const child = this.#spawn(file);
    let log = '';
    child.stderr!.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-4000)));
    child.on('error', (error) => (log += String(error)));
    this.#process = child;
    for (let tries = 0; tries < 200; tries++) {
      if (/Server is ready/.test(log) && (await isListening(this.port))) return;
      if (child.exitCode !== null || child.pid === undefined) break;
      await sleep(50);
    }
    throw new Error(`nats-server did not start (Debian: apt-get install nats-server): ${log}`);
  }

  /** Its disk as it sees it, where it has one of its own. */
  get disk(): string {
    return `/proc/${this.#process!.pid!}/root${join(this.folder, 'data')}`;
  }

  #spawn(file: string): ChildProcess {
    const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
    if (this.#diskMiB === undefined) return spawn('nats-server', ['-c', file], { stdio });
    const disk = join(this.folder, 'data');
    mkdirSync(disk, { recursive: true });
    const run = `mount -t tmpfs -o size=${this.#diskMiB}m tmpfs "$0" && exec nats-server -c "$1"`;
    return spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', run, disk, file], { stdio });
  }

  /** SIGKILL; `restart` brings it back with what was on its disk. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const over = once(child, 'exit');
    child.kill(signal);
    await over;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Ports that were given to tests of this process: the system may offer one again that nobody listens at yet. */
const given = new Set<number>();

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  if (given.has(address.port)) return freePort();
  given.add(address.port);
  return address.port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}
