import { connect as dial, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { encodeAudioMessage, SUBPROTOCOL } from '../../../src/protocol/index.js';
import { endlessFlac, endlessM4a, forms, type Upload } from './hostile-files.js';

export interface Target {
  readonly url: string;
  readonly token: string;
}

/** One blow; resolves to what came back, in a word. */
export type Blow = (target: Target, index: number) => Promise<string>;

const PATIENCE_MS = 5000;
const MOST_SKIPPED = 0xffff_ffff;

/** By what it is. Each is made once and thrown many times. */
export const ATTACKS: Readonly<Record<string, () => Blow>> = {
  'm4a with 4,294,967,295 samples a chunk': () => always([endlessM4a()]),
  'FLAC of 16 kB with half an hour of 8 channels': () => always([endlessFlac()]),
  'forms of 60,000 parts': () => always(forms()),
  'uploads that are cut off': () => (target) => halfUpload(target, 0),
  'uploads of a byte now and then': () => (target) => halfUpload(target, PATIENCE_MS),
  'streams that skip days of sound': () => skip,
  'connections that open and drop': () => drop,
  'upgrades to h2c': () => upgradeToHttp2,
};

function always(uploads: readonly Upload[]): Blow {
  return async ({ url, token }, index) => {
    const { body, type } = uploads[index % uploads.length]!;
    const reply = await fetch(`${url}/v1/speakers/mallory?dryRun=true`, {
      method: 'PUT',
      body,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await reply.arrayBuffer();
    return String(reply.status);
  };
}

function socketTo({ url }: Target): Socket {
  const socket = dial(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}

/** The first bytes of a recording, then a byte now and then for so long, and gone. */
async function halfUpload(target: Target, forMs: number): Promise<string> {
  const socket = socketTo(target);
  socket.write(
    'PUT /v1/speakers/mallory HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30000000\r\n' +
      `Authorization: Bearer ${target.token}\r\n\r\nRIFF`,
  );
  socket.write(Buffer.alloc(100_000));
  const endMs = performance.now() + forMs;
  do {
    await sleep(50);
    socket.write('x');
  } while (performance.now() < endMs && !socket.destroyed);
  socket.destroy();
  return 'cut';
}

function webSocketTo({ url, token }: Target): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, [SUBPROTOCOL], {
    headers: { authorization: `Bearer ${token}` },
  });
  socket.on('error', () => undefined);
  return socket;
}

const HELLO = JSON.stringify({
  type: 'hello',
  version: 1,
  encoding: 's16le',
  sampleRateHz: 8000,
  live: true,
});

async function skip(target: Target): Promise<string> {
  const socket = webSocketTo(target);
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
  socket.on('open', () => {
    socket.send(HELLO);
    for (let sequence = 0; sequence < 5; sequence++) {
      const payload = new Uint8Array(1600);
      socket.send(encodeAudioMessage({ sequence, skippedFrames: MOST_SKIPPED, payload }));
    }
    socket.send(JSON.stringify({ type: 'end', messages: 5 }));
  });
  try {
    const [code] = (await closed) as [number];
    return String(code);
  } finally {
    socket.terminate();
  }
}

async function drop(target: Target, index: number): Promise<string> {
  const socket = webSocketTo(target);
  // In the middle of the upgrade, after it, after the hello.
  if (index % 3 > 0) await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
  else await sleep(1);
  if (index % 3 === 2) socket.send(HELLO);
  socket.terminate();
  return 'dropped';
}

async function upgradeToHttp2(target: Target): Promise<string> {
  const socket = socketTo(target);
  socket.write(
    `GET /v1/speakers HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${target.token}\r\n` +
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
  );
  try {
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Buffer];
    return data.toString('latin1').split(' ')[1] ?? 'no status';
  } finally {
    socket.destroy();
  }
}
