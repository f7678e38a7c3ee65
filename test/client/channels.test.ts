import { lastValueFrom, toArray } from 'rxjs';
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
