import { execFileSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO, whospeaks, type Ran } from '../helpers.js';
import { PulseServer } from './pulse.js';

const OPEN_MS = 60_000;

/** `speakers add NAME --mic` through PulseAudio and PortAudio, as a user would at a desk. */
describe('speakers add at the microphone', () => {
  const store = mkdtempSync(join(tmpdir(), 'enrol-microphone-'));
  let pulse: PulseServer | undefined;
  let env: NodeJS.ProcessEnv = {};

  beforeAll(async () => {
    pulse = await PulseServer.start();
    env = pulse.env;
  });
  afterAll(async () => {
    await pulse?.stop();
    rmSync(store, { recursive: true });
  });

  const inStore = (...args: string[]): string[] => [...args, '--store', store];

  /** Enrol while a recording is played; `heard` is told all of stderr so far at each piece of it. */
  async function add(
    name: string,
    seconds: number,
    heard: (stderr: string, child: ChildProcess) => void = () => undefined,
  ): Promise<Ran> {
    const args = inStore('speakers', 'add', name, '--mic', '--seconds', String(seconds), '--json');
    let progress = '';
    const adding = whospeaks(args, {
      env,
      onStart: (child) => {
        child.stderr!.on('data', (text: string) => {
          heard((progress += text), child);
        });
      },
    });
    await Promise.race([captureOpen(), adding]);
    const playing = pulse!.play(`${AUDIO}/alice.wav`).catch(() => undefined);
    const ran = await adding;
    await playing;
    return ran;
  }

  async function captureOpen(): Promise<void> {
    const deadline = Date.now() + OPEN_MS;
    const list = ['list', 'short', 'source-outputs'];
    while (execFileSync('pactl', list, { env: { ...process.env, ...env }, encoding: 'utf8' }).trim() === '') {
      if (Date.now() > deadline) throw new Error('speakers add --mic did not open the microphone');
      await sleep(200);
    }
  }

  const spoken = (stderr: string): number[] =>
    [...stderr.matchAll(/^(\d+\.\d) of \d+ s of speech \(\d+ s heard\)$/gm)].map(([, seconds]) =>
      Number(seconds),
    );

  it('says how far it is, ends by itself with enough speech, and reports', async () => {
    const { code, stdout, stderr } = await add('Alice', 4);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Alice, please speak; Ctrl-C ends early$/m);
    const progress = spoken(stderr);
    expect(progress.length).toBeGreaterThan(4);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBeGreaterThanOrEqual(4);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ name: 'Alice', recordings: 1, clippedShare: 0, secondVoiceShare: 0 });
    expect(report['speechSeconds']).toBeGreaterThanOrEqual(4);
    expect(report['consistency']).toBeGreaterThan(0.4);
    // What the microphone heard is the voice of the file.
    const { stdout: told } = await whospeaks(inStore('listen', `${AUDIO}/alice.wav`, '--speakers', '--json'));
    expect(told).toMatch(/"type":"final".*"speaker":"Alice"/);
  });

  it('ends early at Ctrl-C with what was heard, and says that it is little', async () => {
    const { code, stdout, stderr } = await add('again', 60, (progress, child) => {
      // Once: a second Ctrl-C would give up.
      if (!child.killed && (spoken(progress).at(-1) ?? 0) >= 2.5) child.kill('SIGINT');
    });
    expect(code).toBe(0);
    const { speechSeconds } = JSON.parse(stdout) as { speechSeconds: number };
    expect(speechSeconds).toBeGreaterThanOrEqual(2.5);
    expect(speechSeconds).toBeLessThan(12);
    expect(stderr).toMatch(/warning: again: only \d+\.\d s of speech/);
    expect(stderr).toMatch(/warning: again: sounds like "Alice"/);
  });

  it('enrols nobody where Ctrl-C comes before anybody spoke', async () => {
    const args = inStore('speakers', 'add', 'nobody', '--mic');
    const adding = whospeaks(args, {
      env,
      onStart: (child) => {
        void captureOpen().then(() => child.kill('SIGINT'));
      },
    });
    const { code, stderr } = await adding;
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error: cannot enrol "nobody": .*\[speech-too-short\]$/m);
    const { stdout } = await whospeaks(inStore('speakers', 'list'));
    expect(stdout).not.toContain('nobody');
  });
});
