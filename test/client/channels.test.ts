import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type ConnectOptions, type StreamEvent } from '../../src/client/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { interleaved, meetingCall, said } from '../meeting-channels.js';
import { realService } from './real-service.js';

let service: RunningServer;
let sound: Float32Array;
beforeAll(async () => {
  service = await realService({ maxStreams: 3 });
  const call = await meetingCall(({ speaker }) => (speaker === 'alice' ? 0 : 1), {
    levelDb: -18,
    delaySamples: 100,
  });
  sound = interleaved(call);
});
afterAll(() => service.close());

async function heard(options: Partial<ConnectOptions>): Promise<StreamEvent[]> {
  const stream = connect({ url: service.url, WebSocket, live: false, maxAttempts: 1, ...options });
  const events = lastValueFrom(stream.events$.pipe(toArray()));
  events.catch(() => undefined);
  await stream.send(sound);
  stream.end();
  return events;
}

describe('a stream of two channels', () => {
  it("with audio: 'channels' tells each turn on its own, over the socket", async () => {
    const events = await heard({ channels: 2, audio: 'channels' });
    const finals = events.filter((event) => event.type === 'final');
    expect(finals).toHaveLength(said.length);
    for (const { speaker, channel } of finals) expect(channel).toBe(speaker === 'alice' ? 0 : 1);
    expect(events.at(-1)).not.toHaveProperty('channel');
  });

  it('names words by who speaks at their time, on whichever channel, over a cut', async () => {
    const options = { url: service.url, WebSocket, live: false, channels: 2, audio: 'channels' } as const;
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const stream = connect({ ...options, WebSocket: Kept, words: true, backoffMs: [1, 5] });
    const words = new Map<number, string>();
    stream.namedWords$.subscribe((event) => {
      if (event.type === 'word') words.set(event.word, `${event.text} ${event.speaker}`);
    });
    const events = lastValueFrom(stream.events$.pipe(toArray()));
    const half = sound.length / 2 - ((sound.length / 2) % 2);
    await stream.send(sound.subarray(0, half));
    await firstValueFrom(stream.events$.pipe(filter(({ type }) => type === 'final')));
    sockets.at(-1)!.terminate();
    await stream.send(sound.subarray(half));
    for (const { speaker, startSample, endSample } of said) {
      const start = (startSample + endSample) / 2 / 16_000;
      const final = { words: [{ text: speaker, start, end: start + 0.3 }], final: true };
      stream.sendWords({ ...final, final: false });
      stream.sendWords(final);
    }
    stream.end();
    const finals = (await events).filter((event) => event.type === 'final');
    expect(sockets.length).toBeGreaterThan(1);
    expect(finals).toHaveLength(said.length);
    expect([...words.values()].map((word) => word.replace('unknown-1', 'carol'))).toEqual(
      said.map(({ speaker }) => `${speaker} ${speaker}`),
    );
  });

  it('is mixed otherwise, and its events say no channel', async () => {
    const events = await heard({ channels: 2 });
    expect(events.filter(({ type }) => type === 'final')).toHaveLength(said.length);
    expect(events.some((event) => 'channel' in event)).toBe(false);
  });

  it('is refused where it takes more places than there are', async () => {
    await expect(heard({ channels: 4, audio: 'channels' })).rejects.toMatchObject({ code: 'server-full' });
  });

  it('is refused where it says something else', () => {
    const options = { url: service.url, WebSocket, audio: 'both' } as unknown as ConnectOptions;
    expect(() => connect(options)).toThrow(/option "audio": expected mix or channels, received "both"/);
  });
});
