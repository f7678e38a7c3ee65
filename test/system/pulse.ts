import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SINK = 'whospeaks_speaker';
const START_MS = 10_000;

/**
 * A private PulseAudio daemon with one null sink, whose monitor is the default source: what is played
 * with `play` is what a microphone hears. Programs that run with `env` (PortAudio through ALSA's pulse
 * plugin among them) see this daemon and no sound card. Needs the Debian packages pulseaudio,
 * pulseaudio-utils and libasound2-plugins.
 */
export class PulseServer {
  /** To be merged over process.env. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #daemon: ChildProcess;

  private constructor(directory: string, env: Record<string, string>, daemon: ChildProcess) {
    this.#directory = directory;
    this.env = env;
    this.#daemon = daemon;
  }

  static async start(): Promise<PulseServer> {
    const directory = mkdtempSync(join(tmpdir(), 'pulse-'));
    const socket = join(directory, 'native');
    const alsa = join(directory, 'asoundrc');
    writeFileSync(alsa, ASOUNDRC);
    const env = {
      HOME: directory,
      XDG_RUNTIME_DIR: directory,
      PULSE_RUNTIME_PATH: directory,
      PULSE_SERVER: `unix:${socket}`,
      ALSA_CONFIG_PATH: alsa,
    };
    const modules = [
      `module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
      `module-null-sink sink_name=${SINK} rate=48000 channels=2`,
    ];
    const daemon = spawn(
      'pulseaudio',
      [
        '-n',
        '--daemonize=no',
        '--exit-idle-time=-1',
        '--disable-shm=yes',
        ...modules.flatMap((module) => ['-L', module]),
      ],
      // Pulse finds the server of its own environment and would take it for one already running.
      { env: { ...process.env, ...env, PULSE_SERVER: '' }, stdio: 'ignore' },
    );
    const server = new PulseServer(directory, env, daemon);
    let failure: Error | undefined;
    daemon.on('error', (error) => (failure = error));
    try {
      await server.#waitUntilReady(() => failure);
      await server.#pactl('set-default-sink', SINK);
      await server.#pactl('set-default-source', `${SINK}.monitor`);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Play a sound file to its end. */
  async play(path: string): Promise<void> {
    await run('paplay', ['--latency-msec=500', path], { env: { ...process.env, ...this.env } });
  }

  async stop(): Promise<void> {
    if (this.#daemon.exitCode === null && this.#daemon.pid !== undefined) {
      const gone = new Promise((resolve) => this.#daemon.once('exit', resolve));
      this.#daemon.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #waitUntilReady(failure: () => Error | undefined): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      try {
        await this.#pactl('info');
        return;
      } catch (error) {
        const why =
          failure() ?? (this.#daemon.exitCode !== null ? new Error('pulseaudio ended at once') : error);
        if (Date.now() > deadline || why !== error) {
          throw new Error(
            'PulseAudio did not start: apt-get install pulseaudio pulseaudio-utils libasound2-plugins',
            {
              cause: why,
            },
          );
        }
        await sleep(100);
      }
    }
  }

  async #pactl(...args: string[]): Promise<void> {
    await run('pactl', args, { env: { ...process.env, ...this.env } });
  }
}

/** ALSA with nothing but PulseAudio in it: its own configuration, then the plugin as the default. */
const ASOUNDRC = `
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "PulseAudio" } }
ctl.!default { type pulse }
`;
