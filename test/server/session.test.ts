import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { map } from 'rxjs';
import { chunks } from '../../src/stages.js';
import { makeToken } from '../../src/server/access/tokens.js';
import { configSchema, serve } from '../../src/server/index.js';
import { Credit } from '../../src/server/session/credit.js';
import { EventLog } from '../../src/server/session/event-log.js';
import type { ClientLink } from '../../src/server/session/link.js';
import { Session } from '../../src/server/session/session.js';
import { cheapModel, hello, keptLog, meetingPcm, open } from './support.js';

class SlowLink implements ClientLink {
  bufferedBytes = 0;
  isOpen = true;
  readonly texts: string[] = [];
  closeCode = 0;
  send(text: string): void {
    this.texts.push(text);
    this.bufferedBytes += text.length;
  }
  close(code: number): void {
    this.isOpen = false;
    this.closeCode = code;
  }
}

describe('a slow reader', () => {
  it('is hung up at the bound, and its session waits with every event', async () => {
    const session = new Session(
      {
        id: 's',
        format: {
          encoding: 's16le',
          sampleRateHz: 16_000,
          channels: 1,
          audio: 'mix',
          live: true,
          framing: 'sequenced',
        },
        words: false,
        limits: {
          bufferSeconds: 10,
          maxMessageBytes: 4096,
          resumeWindowSeconds: 60,
          audioTimeoutSeconds: 300,
          maxEvents: 1000,
          maxEventCharacters: 1e6,
          maxSendBufferBytes: 5000,
        },
        identify: (source) =>
          chunks(source).pipe(
            map(({ startSample }) => ({ type: 'silence', startSample, atSample: startSample }) as const),
          ),
        networkWaitSeconds: () => 0,
        speakers: () => [],
        save: () => Promise.resolve(undefined),
        improve: () => undefined,
        onEvent: () => undefined,
        onFault: () => undefined,
        onClosed: () => undefined,
      },
      0,
    );
    const link = new SlowLink();
    session.attach(link, 0, 0);
    for (let sequence = 0; sequence < 200; sequence++) {
      session.pushAudio({ sequence, skippedFrames: 0, payload: new Uint8Array(320) }, sequence);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(link.closeCode).toBe(4010);
    expect(link.bufferedBytes).toBeLessThan(6000);
    expect(session.isConnected).toBe(false);
    const again = new SlowLink();
    again.bufferedBytes = -1e9;
    session.attach(again, 0, 300);
    const ids = again.texts
      .map((text) => (JSON.parse(text) as { id?: number }).id)
      .filter((id) => id !== undefined);
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    expect(ids.length).toBeGreaterThan(50);
    expect(session.tick(60_300)).toBe(false);
    session.detach(again, 60_300);
    expect(session.tick(120_299)).toBe(false);
    expect(session.tick(120_300)).toBe(true);
    session.abort();
  });
});

describe('EventLog', () => {
  it('is bounded by characters too, but for the newest', () => {
    const log = new EventLog(100, 200);
    const text = log.append({ type: 'end', endSample: 0, end: 0 });
    for (let i = 1; i < 9; i++) log.append({ type: 'end', endSample: i, end: i });
    expect(log.kept).toBe(Math.floor(200 / text.length));
    expect(log.fullness).toBeLessThanOrEqual(1);
    expect(log.after(9 - log.kept)).toHaveLength(log.kept);
    expect(log.after(8 - log.kept)).toBeNull();
    expect(log.used).toBeCloseTo((9 * text.length) / 200);
    const removed = Array.from({ length: 1000 }, (_, i) => i);
    log.append({ type: 'words', removed, words: [] });
    expect(log.after(9)).toHaveLength(1);
    expect(log.acknowledge(10)).toBe(true);
    expect(log.fullness).toBe(0);
  });

  it('keeps what was not received, up to its bound', () => {
    const log = new EventLog(3, 1e6);
    for (let i = 0; i < 5; i++) log.append({ type: 'end', endSample: i, end: i });
    expect(log.lastId).toBe(5);
    expect(log.after(1)).toBeNull();
    expect(log.after(2)).toHaveLength(3);
    expect(log.acknowledge(6)).toBe(false);
    expect(log.acknowledge(4)).toBe(true);
    expect(log.after(4)).toHaveLength(1);
    expect(log.after(3)).toBeNull();
    expect(log.after(6)).toBeNull();
  });
});

describe('Credit', () => {
  it('is never taken back, and comes again as the queue empties', () => {
    const credit = new Credit(1000);
    expect(credit.allows(1000)).toBe(true);
    expect(credit.allows(1001)).toBe(false);
    expect(credit.grant(800, 800)).toBe(200);
    expect(credit.isWorthTelling(800, 600)).toBe(false);
    expect(credit.isWorthTelling(800, 500)).toBe(true);
    expect(credit.grant(800, 500)).toBe(500);
    expect(credit.grant(800, 800)).toBe(500);
    expect(credit.allows(1300)).toBe(true);
  });
});

describe('logs', () => {
  it('have no token, no ticket and no resume token, at any level', async () => {
    const log = keptLog();
    const { token, record } = makeToken('t-1', 'team-a');
    const config = configSchema.parse({
      port: 0,
      maxStreams: 4,
      dataFolder: mkdtempSync(join(tmpdir(), 'whospeaks-test-')),
      tokens: [record],
    });
    const server = await serve(config, { model: cheapModel, logger: log.logger });
    const headers = { authorization: `Bearer ${token}` };
    const reply = await fetch(`${server.url}/v1/tickets?token=${token}`, { method: 'POST', headers });
    const { ticket } = (await reply.json()) as { ticket: string };
    const client = await open(server, { protocols: ['whospeaks.v1', `whospeaks.ticket.${ticket}`] });
    client.send(hello);
    const { resumeToken } = await client.wait('welcome');
    client.audio(0, meetingPcm(1));
    client.audio(7, meetingPcm(1));
    await client.closed;
    await server.close();
    const text = log.text();
    expect(text).toContain('stream opened');
    expect(text).toContain('protocol-sequence');
    for (const secret of [token, ticket, resumeToken, record.sha256]) expect(text).not.toContain(secret);
  });
});
