import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, Observable, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hearTrack, type AudioFrameLike, type TrackFormat } from '../../adapters/livekit/src/index.js';
import { connect, type SpeakerStream, type StreamEvent } from '../../src/client/index.js';
import { isSpeaking } from '../../src/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { realService } from '../client/real-service.js';
import { meetingPcm } from '../server/support.js';

/** Frames of 10 ms, as `AudioStream` gives them: 16 kHz, each sample in every channel. */
function track(
  seconds: number,
  channels = 1,
  everyMs = 0,
): { frames: ReadableStream<AudioFrameLike>; cancelled: () => boolean } {
  const pcm = meetingPcm(seconds);
  const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
  let at = 0;
  let isCancelled = false;
  const frames = new ReadableStream<AudioFrameLike>({
    pull: async (controller) => {
      if (everyMs > 0) await sleep(everyMs);
      const mono = samples.subarray(at, at + 160);
      at += 160;
      if (mono.length === 0) {
        controller.close();
        return;
      }
      // The buffer is larger than the frame.
      const data = new Int16Array(mono.length * channels + 8);
      for (const [i, sample] of mono.entries()) data.fill(sample, i * channels, (i + 1) * channels);
      controller.enqueue({ data, sampleRate: 16_000, channels, samplesPerChannel: mono.length });
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  return { frames, cancelled: () => isCancelled };
}

describe('a track of LiveKit', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await realService({ maxLiveSpeed: 100, bufferSeconds: 60, refuseWhenBehind: false });
  });
  afterAll(() => server.close());
  const open = (format: TrackFormat): SpeakerStream => connect({ url: server.url, WebSocket, ...format });

  it.each([1, 2])('of %d channels: events, and a gate', async (channels) => {
    const { events$, heard$ } = hearTrack(track(15, channels).frames, open);
    const gate = lastValueFrom(events$.pipe(isSpeaking('alice', { within: 1, heard: heard$ }), toArray()));
    const events = await lastValueFrom(events$.pipe(toArray()));
    const finals = events.filter((event) => event.type === 'final');
    expect(finals.map(({ speaker }) => speaker)).toEqual(['alice', 'bob', 'alice']);
    expect(events.at(-1)).toMatchObject({ type: 'end', end: 15 });
    expect((await gate).filter(({ revision }) => revision === 0).map(({ is }) => is)).toEqual([
      true,
      false,
      true,
    ]);
    expect(await firstValueFrom(heard$)).toBe(15 * 16_000);
  });

  it('ends where nobody listens: the stream is closed, and the track let go', async () => {
    const { frames, cancelled } = track(40, 1, 5);
    const { events$ } = hearTrack(frames, open);
    await firstValueFrom(events$);
    await expect.poll(() => server.sessions.running).toBe(0);
    expect(cancelled()).toBe(true);
  });

  it('without a frame completes, and opens nothing', async () => {
    const opened: TrackFormat[] = [];
    const { events$ } = hearTrack(track(0).frames, (format) => {
      opened.push(format);
      return open(format);
    });
    expect(await lastValueFrom(events$.pipe(toArray()))).toEqual([]);
    expect(opened).toEqual([]);
  });

  it('that changes its format is an error that says what to do', async () => {
    async function* changing(): AsyncGenerator<AudioFrameLike> {
      for await (const frame of track(0.5).frames) yield frame;
      yield { data: new Int16Array(480), sampleRate: 48_000, channels: 1, samplesPerChannel: 480 };
    }
    const { events$ } = hearTrack(changing(), open);
    await expect(lastValueFrom(events$)).rejects.toThrow('give AudioStream a sampleRate');
    await expect.poll(() => server.sessions.running).toBe(0);
  });

  it('hands on what its stream ends with', async () => {
    const fault = new Error('the service is gone');
    const broken = { ...open({ encoding: 's16le', sampleRateHz: 16_000, channels: 1, live: true }) };
    broken.close();
    const events$ = new Observable<StreamEvent>((subscriber) => {
      subscriber.error(fault);
    });
    const heard = hearTrack(track(1).frames, () => ({
      ...broken,
      events$,
      send: () => Promise.reject(fault),
    }));
    await expect(lastValueFrom(heard.events$)).rejects.toBe(fault);
  });
});
