import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Diarization } from '../../src/clustering/types.js';
import { Fleet } from '../../src/fleet/fleet.js';
import { WhospeaksError } from '../../src/index.js';
import { FleetRecordings } from '../../src/server/recordings/fleet-recordings.js';
import type { DiarizeJob, RecordingJob } from '../../src/server/recordings/recordings.js';
import { spool, type Spooled } from '../../src/server/recordings/spool.js';
import { keySource } from '../../src/speakers/store/key-source.js';
import { NatsServer } from './nats-server.js';
import { testProfile } from './test-profile.js';

const ASKED = { count: { speakers: 2 }, audio: 'mix' } as const;
const KEY = Buffer.alloc(32, 7).toString('base64');
const profile = testProfile('unknown-1', 1);
const RESULT: Diarization = {
  segments: [{ speaker: 'unknown-1', known: false, start: 0, end: 1.5, probability: 0.75 }],
  speakers: [{ label: 'unknown-1', known: false, seconds: 1.5, profile }],
  duration: 2,
};
/** What servers of a test do not wait for as long as real ones. */
const QUICK = { beatMs: 100, lostMs: 1500 };

let nats: NatsServer;
let deployments = 0;
const open: (() => Promise<void>)[] = [];
beforeAll(async () => {
  nats = await NatsServer.start();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(async () => {
  await nats.stop();
});

interface Hearing {
  readonly id: string;
  readonly bytes: Buffer;
  readonly transcript: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (position: number) => void;
  readonly done: (result?: Diarization) => void;
  readonly fail: (error: Error) => void;
}

interface Server {
  readonly queue: FleetRecordings;
  readonly fleet: Fleet;
  readonly hearing: Hearing[];
  lost: number;
  send(group?: string, sound?: Uint8Array, transcript?: string): Promise<RecordingJob>;
}

interface Settings {
  /** Null: none. */
  readonly key?: string | null;
  readonly atOnce?: number;
  readonly keepSeconds?: number;
  readonly maxBytes?: number;
  readonly maxRecordings?: number;
}

async function server(
  deployment: string,
  { key = KEY, atOnce = 1, keepSeconds = 60, maxBytes = 2 ** 24, maxRecordings = 3 }: Settings = {},
): Promise<Server> {
  const fleet = await Fleet.open(`${nats.url}/${deployment}`);
  const hearing: Hearing[] = [];
  const diarize: DiarizeJob = async (job, { handle, bytes, transcript }, { onProgress, signal }) => {
    const buffer = Buffer.alloc(bytes);
    await handle.read(buffer, 0, bytes, 0);
    const text = transcript && Buffer.alloc(transcript.bytes);
    if (transcript !== undefined) await transcript.handle.read(text!, 0, transcript.bytes, 0);
    expect(job.asked).toEqual(ASKED);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      const progress = (position: number): void => {
        onProgress({ stage: 'listening', position, duration: 2 });
      };
      const done = (result = RESULT): void => {
        resolve(result);
      };
      hearing.push({
        id: job.id,
        bytes: buffer,
        transcript: text?.toString(),
        signal,
        progress,
        done,
        fail: reject,
      });
    });
  };
  const here: Server = {
    fleet,
    hearing,
    lost: 0,
    queue: new FleetRecordings({
      ...(await fleet.recordings(keySource({ key: key ?? undefined }, {}), maxBytes)),
      ...QUICK,
      atOnce,
      maxRecordings,
      keepSeconds,
      diarize,
      onFault: () => undefined,
      hasGroup: () => true,
      isReachable: () => fleet.connection.isConnected,
      nowMs: () => performance.now(),
      onLost: () => here.lost++,
    }),
    send: (group = 'a', sound = Buffer.from('sound'), transcript) =>
      here.queue.take(group, ASKED, async () => ({
        ...(await spool([sound])),
        transcript: transcript === undefined ? undefined : await spool([Buffer.from(transcript)]),
      })),
  };
  open.push(async () => {
    here.queue.close();
    await here.queue.drain();
    await fleet.close();
  });
  return here;
}

const deployment = (): string => `r${++deployments}`;
const stateOf = async ({ queue }: Server, { id, group }: RecordingJob): Promise<string> =>
  (await queue.get(group, id)).state;
/** Messages that NATS keeps of sound and results. */
const kept = async ({ fleet }: Server): Promise<number> =>
  (await fleet.connection.jsm.streams.info(fleet.connection.nameOf('sound'))).state.messages;
/** A server that is lost says nothing any more, and does not know it. */
const cutOff = async ({ fleet }: Server): Promise<void> => {
  await fleet.connection.nats.close();
};

describe('recordings of a fleet', () => {
  it('are heard by whichever server has time, and told and deleted by all', async () => {
    const name = deployment();
    const [a, b] = [await server(name), await server(name)];
    const sound = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => i % 251));
    const jobs = [await a.send('a', sound, 'words'), await a.send(), await a.send()];
    await expect.poll(() => a.hearing.length + b.hearing.length).toBe(2);
    expect([a.hearing.length, b.hearing.length]).toEqual([1, 1]);
    const first = [...a.hearing, ...b.hearing].find(({ id }) => id === jobs[0]!.id)!;
    expect(first.bytes.equals(sound)).toBe(true);
    expect(first.transcript).toBe('words');
    first.progress(1);
    for (const { queue } of [a, b]) {
      await expect.poll(async () => (await queue.get('a', jobs[0]!.id)).progress?.position).toBe(1);
    }
    const waiting = await b.queue.get('a', jobs[2]!.id);
    expect([waiting.state, b.queue.ahead(waiting)]).toEqual(['queued', 2]);
    first.done();
    for (const each of [a, b]) {
      await expect.poll(() => stateOf(each, jobs[0]!)).toBe('done');
      const { result, expiresAt } = await each.queue.get('a', jobs[0]!.id);
      expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(JSON.stringify(RESULT)));
      expect(result?.speakers[0]?.profile.centroid).toEqual(profile.centroid);
      expect(expiresAt).not.toBeNull();
      expect((await each.queue.list('a')).map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    }
    await b.queue.rename(await b.queue.get('a', jobs[0]!.id), 'unknown-1', 'carol', true);
    expect((await a.queue.get('a', jobs[0]!.id)).result?.speakers[0]).toMatchObject({ label: 'carol' });
    // One that is heard, one that waits, one that is done: from the server that did not take them.
    const heard = [...a.hearing, ...b.hearing].filter(({ id }) => id === jobs[1]!.id);
    for (const { id } of jobs) await b.queue.remove('a', id);
    await expect.poll(() => heard.every(({ signal }) => signal.aborted)).toBe(true);
    expect(await a.queue.list('a')).toEqual([]);
    await expect(a.queue.get('a', jobs[0]!.id)).rejects.toMatchObject({ code: 'recording-unknown' });
    await expect.poll(() => kept(a)).toBe(0);
  });

  it('go on with another server when theirs is lost, and have one result', async () => {
    const name = deployment();
    const [a, b] = [await server(name), await server(name, { atOnce: 0 })];
    const job = await a.send();
    await expect.poll(() => a.hearing.length).toBe(1);
    await cutOff(a);
    const c = await server(name);
    await expect.poll(() => c.hearing.length).toBe(1);
    expect(a.lost + b.lost + c.lost).toBe(1);
    expect(c.hearing[0]!.bytes.toString()).toBe('sound');
    c.hearing[0]!.done();
    await expect.poll(() => stateOf(b, job)).toBe('done');
    expect(await kept(b)).toBe(1);
  });

  it('have one result where a server that was taken for lost comes to its end too', async () => {
    const name = deployment();
    const a = await server(name);
    const job = await a.send();
    await expect.poll(() => a.hearing.length).toBe(1);
    // As another does that heard nothing of this one for too long.
    const { board } = await a.fleet.recordings(keySource({ key: KEY }, {}), 2 ** 24);
    const steal = async (): Promise<boolean> => {
      const [found] = await board.current();
      return board.put({ ...found!.record, owner: 'another' }, found!.revision).then(
        () => true,
        () => false,
      );
    };
    await expect.poll(steal).toBe(true);
    a.hearing[0]!.done({ ...RESULT, duration: 99 });
    // What the other does not say any more, it is lost over: this one hears it again.
    await expect.poll(() => a.hearing.length).toBe(2);
    expect(await kept(a)).toBe(1);
    a.hearing[1]!.done();
    await expect.poll(() => stateOf(a, job)).toBe('done');
    expect((await a.queue.get('a', job.id)).result?.duration).toBe(2);
    await expect.poll(() => kept(a)).toBe(1);
    board.close();
  });

  it('fail where they are what kills servers, and go back into the line where one shuts down', async () => {
    const name = deployment();
    const looker = await server(name, { atOnce: 0 });
    const first = await server(name);
    const job = await first.send();
    await expect.poll(() => first.hearing.length).toBe(1);
    await first.queue.drain();
    expect(first.hearing[0]!.signal.aborted).toBe(true);
    await expect(first.send()).rejects.toMatchObject({ code: 'server-draining' });
    expect(await stateOf(looker, job)).toBe('queued');
    for (let lost = 1; lost <= 3; lost++) {
      const victim = await server(name);
      await expect.poll(() => victim.hearing.length).toBe(1);
      await cutOff(victim);
      await expect.poll(() => stateOf(looker, job)).toBe(lost === 3 ? 'failed' : 'queued');
    }
    expect((await looker.queue.get('a', job.id)).error).toMatchObject({ code: 'server-lost' });
  });

  it('are bounded in each group over all servers, and take turns', async () => {
    const name = deployment();
    const [a, b] = [await server(name, { atOnce: 0 }), await server(name, { atOnce: 0 })];
    const sent = await Promise.allSettled([a.send(), b.send(), a.send(), b.send(), a.send()]);
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const each of sent)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'server-limit' });
    const other = await b.send('b');
    await expect(a.queue.get('a', other.id)).rejects.toMatchObject({ code: 'recording-unknown' });
    const c = await server(name);
    await expect.poll(() => c.hearing.length).toBe(1);
    c.hearing[0]!.done();
    await expect.poll(() => c.hearing.length).toBe(2);
    expect(c.hearing[1]!.id).toBe(other.id);
  });

  it('leave nothing behind where they do not come in whole, are too large, or their time is over', async () => {
    const name = deployment();
    const a = await server(name, { maxBytes: 2 ** 21, keepSeconds: 1 });
    const broken = (): Promise<Spooled> => Promise.reject(new WhospeaksError('audio-empty', 'nothing came'));
    await expect(a.queue.take('a', ASKED, broken)).rejects.toMatchObject({ code: 'audio-empty' });
    await expect(a.send('a', Buffer.alloc(2 ** 22, 1))).rejects.toMatchObject({
      code: 'server-limit',
      message: expect.stringContaining('no room') as string,
    });
    expect(await a.queue.list('a')).toEqual([]);
    expect(await kept(a)).toBe(0);
    const fetched = await a.queue.fetch('a', ASKED, broken);
    await expect
      .poll(async () => (await a.queue.list('a'))[0])
      .toMatchObject({ id: fetched.id, state: 'failed', error: { code: 'audio-empty' } });
    await a.send();
    await expect.poll(() => a.hearing.length).toBe(1);
    a.hearing[0]!.done();
    await expect.poll(() => a.queue.list('a')).toEqual([]);
    await expect.poll(() => kept(a)).toBe(0);
  });

  it('are given up where the server that received or fetched them is lost', async () => {
    const name = deployment();
    const [a, b] = [await server(name), await server(name, { atOnce: 0 })];
    const never = (): Promise<Spooled> => new Promise(() => undefined);
    const job = await a.queue.fetch('a', ASKED, never);
    a.queue.take('a', ASKED, never).catch(() => undefined);
    await expect
      .poll(async () =>
        (await a.fleet.recordings(keySource({ key: KEY }, {}), 2 ** 24)).board
          .current()
          .then((all) => all.length),
      )
      .toBe(2);
    expect((await b.queue.list('a')).map(({ state }) => state)).toEqual(['fetching']);
    await cutOff(a);
    await expect.poll(() => stateOf(b, job)).toBe('failed');
    expect((await b.queue.get('a', job.id)).error?.code).toBe('server-lost');
    const { board } = await b.fleet.recordings(keySource({ key: KEY }, {}), 2 ** 24);
    await expect.poll(async () => (await board.current()).length).toBe(1);
    board.close();
  });

  it('are encrypted, and what anybody could have written is none of theirs', async () => {
    const name = deployment();
    const a = await server(name, { atOnce: 0 });
    await a.send('a', Buffer.from('a voice in the clear'));
    const stored = await a.fleet.connection.jsm.streams.getMessage(a.fleet.connection.nameOf('sound'), {
      seq: 1,
    });
    expect(Buffer.from(stored!.data).toString('latin1')).toMatch(/^whospeaks-sealed-1 /);
    const b = await server(name, { key: null });
    expect(await b.queue.list('a')).toEqual([]);
    await b.send('a');
    expect(await a.queue.list('a')).toHaveLength(1);
    expect(await b.queue.list('a')).toHaveLength(1);
  });

  it('are refused, and those that are heard go on, while NATS is out of reach', async () => {
    const own = await NatsServer.start();
    const before = nats;
    nats = own;
    try {
      const a = await server('outage');
      const job = await a.send();
      await expect.poll(() => a.hearing.length).toBe(1);
      await own.kill();
      await expect(a.send()).rejects.toMatchObject({ code: 'fleet-unreachable' });
      a.hearing[0]!.done();
      await own.restart();
      await expect.poll(() => stateOf(a, job).catch(() => '')).toBe('done');
      expect(a.hearing).toHaveLength(1);
      expect(a.lost).toBe(0);
    } finally {
      for (const close of open.splice(0).reverse()) await close();
      nats = before;
      await own.stop();
    }
  });
});
