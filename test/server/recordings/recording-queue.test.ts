import { describe, expect, it } from 'vitest';
import type { Diarization } from '../../../src/clustering/types.js';
import { WhospeaksError } from '../../../src/index.js';
import { RecordingQueue } from '../../../src/server/recordings/recording-queue.js';
import type { RecordingJob } from '../../../src/server/recordings/recordings.js';
import { spool } from '../../../src/server/recordings/spool.js';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
const ASKED = { count: {}, audio: 'mix' } as const;
const RESULT: Diarization = { segments: [], speakers: [], duration: 1 };

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array([1, 2, 3]));
  yield new Uint8Array([4]);
}

describe('recordings that were sent', () => {
  function queueOf({ maxRecordings = 2, keepSeconds = 60 } = {}) {
    const ends = new Map<string, { done: () => void; fail: (error: Error) => void }>();
    const faults: unknown[] = [];
    const queue = new RecordingQueue({
      atOnce: 1,
      maxRecordings,
      keepSeconds,
      diarize: (job, _, { signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
          ends.set(job.id, {
            done: () => {
              resolve(RESULT);
            },
            fail: reject,
          });
        }),
      onFault: (error) => faults.push(error),
    });
    const send = (group: string): Promise<RecordingJob> => queue.take(group, ASKED, () => spool(bytes()));
    return { queue, ends, faults, send };
  }

  it('are heard one after the other, and kept for a while', async () => {
    const { queue, ends, send } = queueOf({ keepSeconds: 0.1 });
    const [first, second] = [await send('a'), await send('a')];
    await settled();
    expect([first.state, second.state]).toEqual(['running', 'queued']);
    ends.get(first.id)!.done();
    await settled();
    expect([first.state, second.state]).toEqual(['done', 'running']);
    expect(queue.get('a', first.id).result).toBe(RESULT);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(() => queue.get('a', first.id)).toThrow(/no such recording/);
    queue.close();
  });

  it('are bounded in each group, and unknown to others', async () => {
    const { queue, send } = queueOf();
    const job = await send('a');
    await send('a');
    await expect(send('a')).rejects.toMatchObject({ code: 'server-limit' });
    await send('b');
    expect(() => queue.get('b', job.id)).toThrow(/no such recording/);
    expect(queue.list('b')).toHaveLength(1);
    queue.close();
    await expect(send('c')).rejects.toMatchObject({ code: 'server-draining' });
  });

  it('count while they come in, and leave the disk when they are deleted before their turn', async () => {
    const { queue, send } = queueOf();
    const sent = await Promise.allSettled([send('a'), send('a'), send('a')]);
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    queue.close();

    const other = queueOf();
    const first = await other.send('a');
    const waiting = await spool(bytes());
    const second = await other.queue.take('a', ASKED, () => Promise.resolve(waiting));
    other.queue.remove('a', second.id);
    await settled();
    expect(waiting.handle.fd).toBe(-1);
    other.queue.remove('a', first.id);
  });

  it('say how many are heard before them, groups in turn', async () => {
    const { queue, ends, send } = queueOf({ maxRecordings: 4 });
    const jobs: RecordingJob[] = [];
    for (const group of ['a', 'a', 'a', 'b', 'b']) jobs.push(await send(group));
    await settled();
    const ahead = (): (number | undefined)[] => jobs.map((job) => queue.ahead(job));
    // a1 runs; then a2, b1, a3, b2.
    expect(ahead()).toEqual([undefined, 1, 3, 2, 4]);
    queue.remove('a', jobs[1]!.id);
    expect(ahead().slice(2)).toEqual([1, 2, 3]);
    ends.get(jobs[0]!.id)!.done();
    await settled();
    expect(jobs.map(({ state }) => state).slice(2)).toEqual(['running', 'queued', 'queued']);
    expect(ahead().slice(3)).toEqual([1, 2]);
    queue.close();
  });

  it('are refused where there is no room for any', async () => {
    await expect(queueOf({ maxRecordings: 0 }).send('a')).rejects.toMatchObject({ code: 'server-forbidden' });
  });

  it('that are deleted are stopped, or never begun', async () => {
    const { queue, ends, send } = queueOf();
    const [first, second] = [await send('a'), await send('a')];
    await settled();
    queue.remove('a', second.id);
    queue.remove('a', first.id);
    await settled();
    expect([...ends.keys()]).toEqual([first.id]);
    expect(queue.list('a')).toEqual([]);
  });

  it('that fail tell why, and a fault of ours is told the operator alone', async () => {
    const { queue, ends, faults, send } = queueOf();
    const first = await send('a');
    await settled();
    ends.get(first.id)!.fail(new WhospeaksError('audio-corrupt', 'it is damaged'));
    await settled();
    expect(first.error).toMatchObject({ code: 'audio-corrupt', message: 'it is damaged' });
    const second = await send('a');
    await settled();
    ends.get(second.id)!.fail(new TypeError('/secret/path is undefined'));
    await settled();
    expect(second.error).toMatchObject({ code: 'server-failed' });
    expect(second.error!.message).not.toContain('secret');
    expect(faults).toHaveLength(1);
    queue.close();
  });
});

describe('a recording on disk', () => {
  it('has no name there, and its bytes in order', async () => {
    const { handle, bytes: size } = await spool(bytes());
    expect(size).toBe(4);
    expect((await handle.stat()).nlink).toBe(0);
    const buffer = Buffer.alloc(4);
    await handle.read(buffer, 0, 4, 0);
    expect([...buffer]).toEqual([1, 2, 3, 4]);
    await handle.close();
  });
});
