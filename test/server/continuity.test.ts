import { expect, it } from 'vitest';
import { sweepFleet } from '../../src/server/recordings/sweep-fleet.js';
import { Continuity, type SessionState } from '../../src/server/session/continuity.js';
import type { RecordingRecord } from '../../src/fleet/recordings/recording-record.js';

const audio = { sequence: 0, inputFrames: 0, jumpedFrames: 0, receivedBytes: 0, skippedTo: 0 };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function slow(): {
  continuity: Continuity;
  kept: SessionState[];
  done: () => void;
  skipped: () => number;
} {
  const kept: SessionState[] = [];
  let [skipped, done] = [0, (): void => undefined];
  const keep = (state: SessionState): Promise<void> => {
    kept.push(state);
    return new Promise((resolve) => (done = resolve));
  };
  const continuity = new Continuity({ keep, onSkipped: () => skipped++ }, ({ sample, bytes }) => ({
    sample,
    snapshot: bytes,
    audio: { ...audio, sequence: sample },
    lastEvent: 0,
    untold: [],
    own: [],
  }));
  return {
    continuity,
    kept,
    done: () => {
      done();
    },
    skipped: () => skipped,
  };
}

it('keeps one state at a time: while NATS is slow, the newest takes the place of those that wait', async () => {
  const { continuity, kept, done, skipped } = slow();
  const { onSnapshot } = continuity.pipe().snapshots;
  continuity.commanded();
  const isSettled = continuity.settled().then(() => true);
  for (let sample = 1; sample <= 5; sample++) onSnapshot({ sample, bytes: new Uint8Array(1) });
  expect(kept.map(({ sample }) => sample)).toEqual([1]);
  expect(skipped()).toBe(3);
  done();
  await settled();
  expect(continuity.kept?.sequence).toBe(1);
  expect(await isSettled).toBe(true);
  expect(kept.map(({ sample }) => sample)).toEqual([1, 5]);
  done();
  await settled();
  expect(continuity.kept?.sequence).toBe(5);
});

it('renews a state that nothing follows: no sound comes, no client is there, or the stream is over', async () => {
  const { continuity, kept, done } = slow();
  continuity.tick(0, true);
  continuity.pipe().snapshots.onSnapshot({ sample: 7, bytes: new Uint8Array(1) });
  done();
  await settled();
  for (let nowMs = 1000; nowMs <= 100_000; nowMs += 1000) {
    continuity.tick(nowMs, false);
    done();
    await settled();
  }
  expect(kept.length).toBeGreaterThan(3);
  expect(new Set(kept.map(({ sample }) => sample))).toEqual(new Set([7]));
  continuity.close();
});

it('a result of the fleet is not deleted before its time by a server whose clock is a minute ahead', async () => {
  const removed: string[] = [];
  const record = (id: string, overSeconds: number): RecordingRecord => ({
    id,
    group: 'g',
    createdAt: new Date(0).toISOString(),
    order: 1,
    asked: {},
    state: 'done',
    owner: '',
    lost: 0,
    sound: null,
    transcript: null,
    progress: null,
    result: null,
    error: null,
    expiresAt: new Date(Date.now() - 1000 * overSeconds).toISOString(),
  });
  const found = [record('early', 58), record('over', 62)].map((each) => ({ record: each, revision: 1 }));
  const parts = {
    board: {
      remove: ({ id }: RecordingRecord) => {
        removed.push(id);
        return Promise.resolve();
      },
    },
    pieces: { remove: () => Promise.resolve() },
    keepSeconds: 3600,
    nowMs: () => 0,
    isOwn: () => false,
    onLost: () => undefined,
  };
  await sweepFleet(parts as never, found, new Map());
  expect(removed).toEqual(['over']);
});
