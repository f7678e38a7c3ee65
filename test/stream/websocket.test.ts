import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { readAll } from '../../src/stream/source.js';
import { fromWebSocket, type WebSocketLike } from '../../src/stream/websocket.js';
import { ratioDb, signal } from './signal.js';
import { pcmBytes } from './wav-file.js';

/** The browser's WebSocket fits too; checked by the compiler alone. */
export const browserSocketFits = (socket: globalThis.WebSocket): WebSocketLike => socket;

let server: WebSocketServer;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

/** A connected pair: the end that sends, and the end that listens. */
async function connect(): Promise<{ sender: WebSocket; listener: WebSocket }> {
  const { port } = server.address() as AddressInfo;
  const sender = new WebSocket(`ws://127.0.0.1:${port}`);
  const [[listener]] = (await Promise.all([once(server, 'connection'), once(sender, 'open')])) as [
    [WebSocket],
    unknown,
  ];
  return { sender, listener };
}

const FORMAT = { encoding: 's16le', sampleRateHz: 48_000 } as const;

describe('fromWebSocket', () => {
  it.each([[1], [7], [1_023], [9_600]])(
    'puts messages of %i bytes together, the tail included',
    async (size) => {
      const { sender, listener } = await connect();
      const source = fromWebSocket(listener, FORMAT);
      const bytes = pcmBytes('s16le', signal(48_000, 0.05));
      sender.send('{"type":"hello"}');
      for (let at = 0; at < bytes.length; at += size) sender.send(bytes.subarray(at, at + size));
      sender.close();
      const samples = await readAll(source);
      expect(samples).toHaveLength(800);
      expect(ratioDb(samples, signal(16_000), 200, 600)).toBeGreaterThan(60);
      expect(source.lostSamples).toBe(0);
    },
  );

  it.each(['nodebuffer', 'arraybuffer', 'fragments'] as const)('takes messages as %s', async (binaryType) => {
    const { sender, listener } = await connect();
    listener.binaryType = binaryType;
    const source = fromWebSocket(listener, { encoding: 'f32le', sampleRateHz: 16_000 });
    const samples = signal(16_000, 0.1);
    sender.send(pcmBytes('f32le', samples));
    sender.close();
    expect(await readAll(source)).toEqual(samples);
  });

  it('holds no more than its bound while nobody reads, and says how much was lost', async () => {
    const { sender, listener } = await connect();
    const source = fromWebSocket(listener, { encoding: 's16le', sampleRateHz: 16_000, bufferSeconds: 0.5 });
    const second = pcmBytes('s16le', signal(16_000, 1));
    for (let i = 0; i < 20; i++) sender.send(second);
    sender.close();
    await once(listener, 'close');
    const starts: number[] = [];
    let read = 0;
    for await (const chunk of source) {
      starts.push(chunk.startSample);
      read += chunk.samples.length;
    }
    expect(read).toBe(8_000);
    expect(starts[0]).toBe(20 * 16_000 - 8_000);
    expect(source.lostSamples).toBe(20 * 16_000 - 8_000);
  });

  it('ends in audio-truncated where half a sample is left, after the rest', async () => {
    const { sender, listener } = await connect();
    const source = fromWebSocket(listener, { encoding: 's16le', sampleRateHz: 16_000 });
    sender.send(Buffer.alloc(321));
    sender.close();
    let read = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of source) read += chunk.samples.length;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'audio-truncated' });
    expect(read).toBe(160);
  });

  it('passes a failure of the socket on', async () => {
    const { sender, listener } = await connect();
    const source = fromWebSocket(listener, FORMAT);
    listener.emit('error', new Error('reset by peer'));
    await expect(readAll(source)).rejects.toMatchObject({ code: 'source-closed' });
    sender.close();
  });

  it('refuses NaN', async () => {
    const { sender, listener } = await connect();
    const source = fromWebSocket(listener, { encoding: 'f32le', sampleRateHz: 16_000 });
    sender.send(pcmBytes('f32le', [0.1, 0.2, Number.NaN]));
    await expect(readAll(source)).rejects.toMatchObject({ code: 'audio-not-finite' });
    sender.close();
  });

  it('closes the socket when it is left', async () => {
    const { sender, listener } = await connect();
    const source = fromWebSocket(listener, { encoding: 's16le', sampleRateHz: 16_000 });
    sender.send(Buffer.alloc(3_200));
    const closed = once(sender, 'close');
    for await (const chunk of source) {
      expect(chunk.samples.length).toBeGreaterThan(0);
      break;
    }
    await closed;
  });
});
