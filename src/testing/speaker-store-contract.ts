import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWhospeaksError, type ErrorCode } from '../errors.js';
import type { Profile } from '../speakers/profile.js';
import type { SpeakerStore } from '../speakers/store/speaker-store.js';

/** One sentence that holds for every `SpeakerStore`; `run` rejects with an `AssertionError` where it does not. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A change is seen within this time. */
const SEEN_MS = 1000;
const DIMENSION = 8;

/**
 * What whospeaks expects of a store, for the test runner of your choice:
 *
 * ```ts
 * for (const { name, run } of speakerStoreContract(() => new MyStore(emptyDatabase()))) it(name, run);
 * ```
 *
 * @param makeStore makes a store that is empty. `again` opens the same data as another process would; without it, what two
 *   processes see of each other is checked with one store.
 */
export function speakerStoreContract<Store extends SpeakerStore>(
  makeStore: () => Store | Promise<Store>,
  again: (store: Store) => SpeakerStore | Promise<SpeakerStore> = (store) => store,
): ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    run: async () => {
      const store = await makeStore();
      await check(store, await again(store));
    },
  }));
}

type Check = (store: SpeakerStore, other: SpeakerStore) => Promise<void>;

const CASES: readonly [string, Check][] = [
  [
    'put stores a speaker, and list and get return it bit for bit',
    async (store) => {
      const alice = profile('Alice', 1);
      const put = await store.put(alice);
      assert.equal(put.replaced, false);
      assert.ok(put.profile.id, 'a stored speaker has an id');
      assert.ok(Date.parse(put.profile.createdAt ?? '') > 0, 'a stored speaker has a date');
      assertSameVoice(await store.get('Alice'), alice);
      const { profiles, damaged } = await store.list();
      assert.deepEqual([profiles.map(({ name }) => name), damaged], [['Alice'], []]);
      assertSameVoice(profiles[0]!, alice);
    },
  ],
  [
    'list is in the order of the names, whatever their case',
    async (store) => {
      for (const name of ['bob', 'Carol', 'alice']) await store.put(profile(name, name.length));
      assert.deepEqual(await names(store), ['alice', 'bob', 'Carol']);
    },
  ],
  [
    'names are one whatever their case and form, and checked',
    async (store) => {
      await store.put(profile('Zo\u00eb', 1));
      assertSameVoice(await store.get('ZOE\u0308'), profile('', 1));
      await rejects('speaker-exists', store.put(profile('zoe\u0308', 2)));
      for (const name of ['', 'a/b', 'unknown-1', '.', 'a\nb'])
        await rejects('speaker-name', store.put(profile(name, 3)));
    },
  ],
  [
    'nothing is replaced unasked',
    async (store) => {
      await store.put(profile('alice', 1));
      await rejects('speaker-exists', store.put(profile('alice', 2)));
      assertSameVoice(await store.get('alice'), profile('', 1));
      const { id } = await store.get('alice');
      const put = await store.put(profile('alice', 2), { replaces: 'alice' });
      assert.deepEqual([put.replaced, put.profile.id], [true, id]);
      assertSameVoice(await store.get('alice'), profile('', 2));
      assert.equal((await store.put(profile('bob', 3), { replaces: 'bob' })).replaced, false);
    },
  ],
  [
    'of changes at once none is lost: a profile is replaced only as it was read',
    async (store, other) => {
      await store.put(profile('alice', 1));
      const [mine, theirs] = [await store.get('alice'), await other.get('alice')];
      await store.put({ ...mine, speechSeconds: 11 }, { replaces: mine });
      await rejects('speaker-changed', other.put({ ...theirs, speechSeconds: 12 }, { replaces: theirs }));
      assert.equal((await other.get('alice')).speechSeconds, 11);
      await rejects('speaker-not-found', store.put(profile('eve', 2), { replaces: profile('eve', 2) }));
    },
  ],
  [
    'of two that add one name at once, one gets it',
    async (store, other) => {
      const results = await Promise.allSettled(
        [store, other, store, other].map((each, i) => each.put(profile('alice', i + 1))),
      );
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.deepEqual(await names(store), ['alice']);
    },
  ],
  [
    'a profile with another name renames, and keeps the id',
    async (store) => {
      const { id } = (await store.put(profile('alice', 1))).profile;
      await store.put(profile('bob', 2));
      const alice = await store.get('alice');
      await rejects('speaker-exists', store.put({ ...alice, name: 'Bob' }, { replaces: alice }));
      await store.put({ ...alice, name: 'anna' }, { replaces: alice });
      assert.deepEqual(await names(store), ['anna', 'bob']);
      assert.equal((await store.get('anna')).id, id);
      await rejects('speaker-not-found', store.get('alice'));
    },
  ],
  [
    'what was learnt later is kept',
    async (store) => {
      await store.put(profile('alice', 1));
      const alice = await store.get('alice');
      const lesson = {
        vector: direction(5),
        seconds: 7,
        probability: 0.99,
        addedAt: '2026-01-01T00:00:00.000Z',
      };
      await store.put({ ...alice, adaptations: [lesson] }, { replaces: alice });
      assert.deepEqual((await store.get('alice')).adaptations, [lesson]);
    },
  ],
  [
    'delete removes, and says whom it does not know',
    async (store) => {
      await store.put(profile('alice', 1));
      await store.delete('ALICE');
      assert.deepEqual(await names(store), []);
      await rejects('speaker-not-found', store.get('alice'));
      await rejects('speaker-not-found', store.delete('alice'));
      await store.put(profile('alice', 2));
    },
  ],
  [
    'what one process changes, another reads at once and is told within a second',
    async (store, other) => {
      let told = 0;
      const end = other.watch(() => told++);
      try {
        const changes: (() => Promise<unknown>)[] = [
          () => store.put(profile('alice', 1)),
          async () => {
            const alice = await store.get('alice');
            await store.put({ ...alice, name: 'anna' }, { replaces: alice });
          },
          () => store.delete('anna'),
        ];
        await sleep(SEEN_MS);
        for (const change of changes) {
          told = 0;
          await change();
          assert.deepEqual(await names(other), await names(store));
          await seen(() => told > 0);
        }
      } finally {
        end();
      }
    },
  ],
  [
    'audit tells who changed what, the oldest first, also under a name that changed',
    async (store) => {
      await store.put(profile('alice', 1), { by: 'team-1' });
      await store.put(profile('bob', 2));
      const alice = await store.get('alice');
      await store.put({ ...alice, name: 'anna' }, { replaces: alice, by: 'team-2' });
      const entries = await store.audit('anna');
      assert.deepEqual(
        entries.map(({ action, by, id, name }) => ({ action, by, id, name })),
        [
          { action: 'add', by: 'team-1', id: alice.id, name: 'anna' },
          { action: 'rename', by: 'team-2', id: alice.id, name: 'anna' },
        ],
      );
      assert.ok(entries.every(({ at }) => Date.parse(at) > 0));
      assert.equal((await store.audit()).length, 3);
      await rejects('speaker-not-found', store.audit('eve'));
    },
  ],
  [
    'erasing leaves nothing of a speaker, in the audit trail and among the removed neither',
    async (store) => {
      const { id } = (await store.put(profile('alice', 1))).profile;
      await store.delete('alice');
      await store.put(profile('alice', 2));
      await store.delete('alice', { erase: true, by: 'officer' });
      assert.deepEqual((await store.removed?.()) ?? [], []);
      const entries = await store.audit();
      assert.ok(entries.every((entry) => entry.id !== id && entry.name === undefined));
      assert.deepEqual([entries.at(-1)?.action, entries.at(-1)?.by], ['erase', 'officer']);
    },
  ],
  [
    'a removed speaker can be restored, where the store can restore',
    async (store) => {
      if (store.restore === undefined || store.removed === undefined) return;
      await store.put(profile('alice', 1));
      await store.delete('alice');
      const [removed] = await store.removed();
      assert.equal(removed?.name, 'alice');
      assert.ok(Date.parse(removed.until) > Date.parse(removed.removedAt));
      await store.put(profile('Alice', 2));
      await rejects('speaker-exists', store.restore('alice'));
      await store.delete('alice', { erase: false });
      assertSameVoice(await store.restore('alice'), profile('', 2));
      await rejects('speaker-not-found', store.restore('eve'));
    },
  ],
  [
    'recordings stay with a voiceprint that stays, go with one that does not, and end in time, where the store keeps any',
    async (store) => {
      if (store.recordings === undefined) return;
      const bytes = (value: number): Uint8Array => Uint8Array.of(value, 0, 255);
      const kept = async (name: string): Promise<number[]> =>
        (await store.recordings!(name)).map((each) => each.bytes[0]!);
      const until = new Date(Date.now() + 3_600_000).toISOString();
      await store.put(profile('alice', 1), { recordings: [{ bytes: bytes(1), until }, { bytes: bytes(2) }] });
      assert.deepEqual(
        (await store.recordings('alice')).map((each) => each.until),
        [until, undefined],
      );
      const alice = await store.get('alice');
      await store.put({ ...alice, name: 'anna' }, { replaces: alice });
      assert.deepEqual(await kept('anna'), [1, 2]);
      await store.put(profile('anna', 2), { replaces: 'anna' });
      assert.deepEqual(await kept('anna'), []);
      const past = new Date(Date.now() - 1000).toISOString();
      await store.put(profile('bob', 3), { recordings: [{ bytes: bytes(3), until: past }] });
      assert.deepEqual(await kept('bob'), []);
      await rejects('speaker-not-found', store.recordings('eve'));
    },
  ],
];

async function names(store: SpeakerStore): Promise<string[]> {
  return (await store.list()).profiles.map(({ name }) => name);
}

async function rejects(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isWhospeaksError(error), `expected a WhospeaksError "${code}", received ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}

async function seen(is: () => boolean): Promise<void> {
  const endMs = Date.now() + SEEN_MS;
  while (!is() && Date.now() < endMs) await sleep(20);
  assert.ok(is(), `a change was not told within ${SEEN_MS} ms`);
}

function assertSameVoice(a: Profile, b: Profile): void {
  assert.deepEqual([a.centroid, a.exemplars, a.model], [b.centroid, b.exemplars, b.model]);
}

function profile(name: string, seed: number): Profile {
  return {
    name,
    model: { name: 'contract', fingerprint: 'ab'.repeat(32) },
    dimension: DIMENSION,
    centroid: direction(seed),
    exemplars: [direction(seed + 0.5), direction(seed + 0.25)],
    speechSeconds: 10,
    recordings: 1,
    consistency: 0.9,
  };
}

/** A unit vector. */
function direction(seed: number): Float32Array {
  const values = Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(seed * (i + 1)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
