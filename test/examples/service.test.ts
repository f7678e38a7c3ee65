import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { speakers } from '../../src/client/index.js';
import { fromFile, identify, SpeakerModel } from '../../src/index.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { builtProgram } from '../built-program.js';
import { exampleSpeakers } from '../example-voices.js';
import { voicePart } from '../server/voice-part.js';
import { AUDIO, ROOT, runProgram, type RunOptions } from '../helpers.js';

const MEETING = `${AUDIO}/meeting.wav`;
const example = async (name: string, args: readonly string[], options?: RunOptions) =>
  runProgram(process.execPath, [await builtProgram(`examples/${name}.ts`), ...args], options);

/** The meeting's sound as raw 16-bit PCM at 16 kHz. */
async function rawMeeting(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { samples } of fromFile(MEETING))
    parts.push(Buffer.from(Int16Array.from(samples, (sample) => sample * 32_767).buffer));
  return Buffer.concat(parts);
}

describe('examples for the service', () => {
  let server: RunningServer;
  /** Who the SDK itself hears in the meeting. */
  let names: string[];
  beforeAll(async () => {
    // Room for all of the meeting: a live stream drops what a busy machine does not take in time.
    server = await realService({ maxLiveSpeed: 16, bufferSeconds: 60 }, ['alice']);
    await speakers({ url: server.url }).enroll('bob', readFileSync(`${AUDIO}/bob.wav`));
    const model = await SpeakerModel.fromPretrained();
    const enrolled = await exampleSpeakers(model);
    const events = await lastValueFrom(
      identify(fromFile(MEETING), { model, speakers: enrolled }).pipe(toArray()),
    );
    model.close();
    names = events
      .filter(({ type }) => type === 'final')
      .map((event) => (event as { speaker: string }).speaker);
  });
  afterAll(async () => {
    await server.close();
  });

  it('bot: a file at eight times the pace of a meeting', async () => {
    const { code, stdout, stderr } = await example('bot', [server.url, MEETING, '8']);
    expect(code, stderr).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(': ')[1]),
    ).toEqual(names);
    expect(stderr).toContain('alice?');
  });

  it('bot, with nobody to talk to, says so', async () => {
    const { code, stderr } = await example('bot', [`${server.url}/nowhere`, MEETING, '4']);
    expect(code).toBe(1);
    expect(stderr).toContain('server-');
  });

  it('raw client: PCM into a pipe, JSON out of it', async () => {
    const { code, stdout, stderr } = await example('raw-client', [server.url.replace('http', 'ws')], {
      stdin: await rawMeeting(),
    });
    expect(code, stderr).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; speaker?: string });
    expect(events.filter(({ type }) => type === 'final').map(({ speaker }) => speaker)).toEqual(names);
    expect(events.at(-1)!.type).toBe('end');
  });

  it('meeting app: a track for each participant, a roster for all', async () => {
    const { code, stdout, stderr } = await example('meeting-app', [
      server.url,
      `laptop=${AUDIO}/alice.wav`,
      `room=${MEETING}`,
    ]);
    expect(code, stderr).toBe(0);
    const roster = stdout.trim().split('\n');
    expect(roster.filter((line) => line.startsWith('laptop: alice'))).toHaveLength(1);
    expect(roster.filter((line) => line.startsWith('room: '))).toHaveLength(new Set(names).size);
  });

  it.each(['own-server', 'express', 'fastify'])(
    '%s: the service under a path of another app',
    async (name) => {
      const child = spawn(process.execPath, [await builtProgram(`examples/${name}.ts`)], {
        cwd: ROOT,
        env: { ...process.env, PORT: '0', WHOSPEAKS_HOME: mkdtempSync(join(tmpdir(), 'own-server-')) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      try {
        const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
        expect(await (await fetch(new URL('/', line))).text()).toContain('of its own');
        // The page, whose links are relative, also where the slash at its end was forgotten.
        const page = await fetch(line.replace(/\/$/, ''));
        expect([page.url, page.status]).toEqual([line, 200]);
        expect((await fetch(new URL('page.js', line))).headers.get('content-type')).toContain('javascript');
        // Bodies come through: JSON and a recording.
        const enrol = await fetch(new URL('v1/speakers/bob', line), {
          method: 'PUT',
          body: voicePart('bob'),
          headers: { 'content-type': 'audio/wav' },
        });
        expect(enrol.status).toBe(201);
        const renamed = await fetch(new URL('v1/speakers/bob', line), {
          method: 'PATCH',
          body: '{"name":"robert"}',
          headers: { 'content-type': 'application/json' },
        });
        expect(await renamed.json()).toMatchObject({ name: 'robert' });
        const { code, stdout, stderr } = await example('bot', [line, `${AUDIO}/alice.wav`, '8']);
        expect(code, stderr).toBe(0);
        // Alice is not enrolled there.
        expect(stdout).toContain('unknown-1');
      } finally {
        child.kill();
      }
      expect(await exited).toEqual([0, null]);
    },
  );

  it('WebSocket source: a pipeline of one’s own behind a socket', async () => {
    const child = spawn(
      process.execPath,
      [await builtProgram('examples/websocket-source.ts'), `${AUDIO}/alice.wav`, `${AUDIO}/bob.wav`],
      { cwd: ROOT, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const lines: string[] = [];
      let socket: WebSocket | undefined;
      for await (const line of createInterface(child.stdout)) {
        if (line === 'done') break;
        const port = /^listening on port (\d+)$/.exec(line)?.[1];
        if (port === undefined) {
          lines.push(line);
          continue;
        }
        socket = new WebSocket(`ws://127.0.0.1:${port}/?rate=16000`);
        await once(socket, 'open');
        // Live sources hold ten seconds: send no faster than the network listens.
        const sound = await rawMeeting();
        for (let at = 0; at < sound.length; at += 16_000) {
          socket.send(sound.subarray(at, at + 16_000));
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
        socket.close();
      }
      expect(lines.map((line) => line.split(': ')[1])).toEqual(names);
    } finally {
      child.kill();
    }
  });
});
