import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/server/access/principal.js';
import { makeToken } from '../../src/server/access/tokens.js';
import type { RunningServer } from '../../src/server/index.js';
import type { CheckedHello } from '../../src/server/messages.js';
import type { ClientLink } from '../../src/server/session/link.js';
import { SessionRegistry, type RegistryLimits } from '../../src/server/session/registry.js';
import { Session } from '../../src/server/session/session.js';
import { started } from './started.js';
import { hello, meetingPcm, open, type Told } from './support.js';

const checked: CheckedHello = {
  ...hello,
  channels: 1,
  audio: 'mix',
  live: true,
  framing: 'sequenced',
  words: false,
};

function registryOf(limits: Partial<RegistryLimits>): SessionRegistry {
  return new SessionRegistry(
    { maxStreams: 64, maxStreamsPerToken: 'auto', isShared: true, ...limits },
    (id, _, format, nowMs) =>
      new Session(
        {
          id,
          format,
          words: format.words,
          limits: {
            bufferSeconds: 10,
            maxMessageBytes: 4096,
            resumeWindowSeconds: 60,
            audioTimeoutSeconds: 300,
            maxEvents: 64,
            maxEventCharacters: 1e6,
            maxSendBufferBytes: 1e6,
          },
          identify: () => NEVER,
          networkWaitSeconds: () => 0,
          speakers: () => [],
          save: () => Promise.resolve(undefined),
          improve: () => undefined,
          onEvent: () => undefined,
          onFault: () => undefined,
          onClosed: () => undefined,
        },
        nowMs,
      ),
    () => null,
  );
}

const principal = (tokenId: string, maxStreams?: number): Principal => ({
  tokenId,
  group: 'g',
  isOperator: false,
  maxStreams,
});

function link(): ClientLink {
  return { isOpen: true, bufferedBytes: 0, send: () => undefined, close: () => undefined };
}

/** A stream that has a connection, and audio. */
function begin(
  registry: SessionRegistry,
  of: Principal,
  nowMs = 0,
): { session: Session; lose: (atMs: number) => void } {
  const { session } = registry.open(of, checked, nowMs);
  const own = link();
  session.attach(own, 0, nowMs);
  session.pushAudio({ sequence: 0, skippedFrames: 0, payload: new Uint8Array(2) }, nowMs);
  return {
    session,
    lose: (atMs) => {
      session.detach(own, atMs);
    },
  };
}

/** How many streams a token gets before it is refused. */
function fill(registry: SessionRegistry, of: Principal): number {
  for (let count = 0; ; count++) {
    try {
      begin(registry, of);
    } catch {
      return count;
    }
  }
}

describe('places', () => {
  it('no token takes them all where there are others, and one that has none gets one', () => {
    const registry = registryOf({});
    const counts = ['a', 'b', 'c', 'd'].map((token) => fill(registry, principal(token)));
    expect(counts[0]).toBeGreaterThan(40);
    expect(counts[0]).toBeLessThan(56);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(registryOf({ maxStreams: 2 }).running).toBe(0);
    const small = registryOf({ maxStreams: 2 });
    expect([fill(small, principal('a')), fill(small, principal('b'))]).toEqual([1, 1]);
  });

  it('the only token takes them all, and a number that was set is the number', () => {
    expect(fill(registryOf({ isShared: false }), principal('a'))).toBe(64);
    expect(fill(registryOf({ maxStreamsPerToken: 60 }), principal('a'))).toBe(60);
    expect(fill(registryOf({}), principal('a', 3))).toBe(3);
    expect(fill(registryOf({}), principal('a', 0))).toBe(0);
  });

  it('streams without a connection keep a quarter, and then the one that waited longest yields', () => {
    const registry = registryOf({ maxStreams: 8, isShared: false });
    const streams = Array.from({ length: 8 }, () => begin(registry, principal('a')));
    streams[5]!.lose(100);
    streams[2]!.lose(200);
    expect(() => begin(registry, principal('a'), 300)).toThrow(/every stream is taken/);
    streams[7]!.lose(300);
    begin(registry, principal('a'), 400);
    expect(registry.all()).not.toContain(streams[5]!.session);
    expect(registry.all()).toContain(streams[2]!.session);
    expect(registry.running).toBe(8);
    expect(() => begin(registry, principal('a'), 500)).toThrow(/every stream is taken/);
  });

  it('the lost stream of a token at its limit makes room for its next one, and for nobody else', () => {
    const registry = registryOf({ maxStreams: 8 });
    const lost = begin(registry, principal('a', 1));
    expect(() => begin(registry, principal('a', 1))).toThrow(/its limit is 1/);
    lost.lose(10);
    begin(registry, principal('b'), 20);
    expect(registry.all()).toContain(lost.session);
    begin(registry, principal('a', 1), 20);
    expect(registry.all()).not.toContain(lost.session);
  });
});

describe('a stream whose channels are heard each by itself', () => {
  const of = (channels: number): CheckedHello => ({ ...checked, channels, audio: 'channels' });

  it('takes a place for each of them, of the server and of its token', () => {
    const registry = registryOf({ maxStreams: 8, isShared: false });
    registry.open(principal('a'), of(6), 0).session.attach(link(), 0, 0);
    expect(() => registry.open(principal('a'), of(3), 0)).toThrow(/no 3 places for its 3 channels/);
    expect(fill(registry, principal('a'))).toBe(2);
    const limited = registryOf({ maxStreams: 64 });
    expect(() => limited.open(principal('a', 3), of(4), 0)).toThrow(/each of the 4 channels counts as one/);
    limited.open(principal('a', 3), of(3), 0).session.attach(link(), 0, 0);
    expect(() => begin(limited, principal('a', 3))).toThrow(/has 3 streams, its limit is 3/);
  });

  it('makes its room of as many that lost their connections', () => {
    const registry = registryOf({ maxStreams: 8, isShared: false });
    const streams = Array.from({ length: 8 }, () => begin(registry, principal('a')));
    for (const [i, stream] of streams.slice(0, 4).entries()) stream.lose(i);
    registry.open(principal('a'), of(2), 10).session.attach(link(), 0, 10);
    expect(registry.all()).toHaveLength(7);
    expect(registry.all()).not.toContain(streams[1]!.session);
    expect(registry.all()).toContain(streams[2]!.session);
  });

  it('of which each is work', () => {
    const registry = registryOf({});
    const { session } = registry.open(principal('a'), of(2), 0);
    session.pushAudio({ sequence: 0, skippedFrames: 0, payload: new Uint8Array(2 * 2 * 1600) }, 0);
    expect(session.heardSeconds).toBe(0.1);
    expect(session.workSeconds).toBe(0.2);
  });
});

describe('connections that open and drop', () => {
  async function welcomed(server: RunningServer, more: object = {}): Promise<Told> {
    const client = await open(server);
    client.send({ ...hello, ...more });
    await client.wait('welcome');
    return client;
  }

  it('hold no place without audio, and may still be resumed', async () => {
    const server = await started({ maxStreams: 4, requestBurst: 1000 });
    for (let i = 0; i < 40; i++) (await welcomed(server)).socket.terminate();
    const last = await welcomed(server);
    const { session, resumeToken } = await last.wait('welcome');
    last.socket.terminate();
    await expect.poll(() => server.sessions.running).toBe(0);
    expect(server.sessions.all().length).toBeLessThanOrEqual(8);
    const back = await welcomed(server, { resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await back.wait('welcome')).toMatchObject({ resumed: true, session });
    for (let i = 0; i < 3; i++) await welcomed(server);
    expect(server.sessions.running).toBe(4);
  });

  it('hold few with audio', async () => {
    const server = await started({ maxStreams: 4, requestBurst: 1000 });
    for (let i = 0; i < 12; i++) {
      const client = await welcomed(server);
      client.audio(0, meetingPcm(0.05));
      await client.wait('ack');
      client.socket.terminate();
      await expect.poll(() => server.sessions.all().some(({ isConnected }) => isConnected)).toBe(false);
    }
    for (let i = 0; i < 3; i++) await welcomed(server);
  });

  it('a session without a place is not resumed where all are taken', async () => {
    const server = await started({ maxStreams: 1 });
    const lost = await welcomed(server);
    const { session, resumeToken } = await lost.wait('welcome');
    lost.socket.terminate();
    await expect.poll(() => server.sessions.running).toBe(0);
    await welcomed(server);
    const back = await open(server);
    back.send({ ...hello, resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await back.wait('error')).toMatchObject({ code: 'server-full' });
  });

  it('one token keeps no other out', async () => {
    const a = makeToken('a', 'team-a');
    const b = makeToken('b', 'team-b');
    const server = await started({ maxStreams: 6, tokens: [a.record, b.record] });
    const ask = async (token: string): Promise<string> => {
      const client = await open(server, { headers: { authorization: `Bearer ${token}` } });
      client.send(hello);
      const told = await Promise.race([client.wait('welcome'), client.wait('error')]);
      return told.type === 'error' ? told.code : told.type;
    };
    const told = [];
    for (let i = 0; i < 6; i++) told.push(await ask(a.token));
    expect(told).toEqual(['welcome', 'welcome', 'welcome', 'welcome', 'server-limit', 'server-limit']);
    expect(await ask(b.token)).toBe('welcome');
  });
});
