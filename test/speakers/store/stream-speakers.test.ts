import { expect, test } from 'vitest';
import { joinProfiles } from '../../../src/speakers/join-profiles.js';
import { adaptedProfile } from '../../../src/speakers/learn-voice.js';
import type { Profile } from '../../../src/speakers/index.js';
import { isSameVoice } from '../../../src/speakers/store/speaker-changes.js';
import { StreamSpeakers } from '../../../src/speakers/store/stream-speakers.js';
import { randomNumbers } from '../../random.js';
import { MemoryStore } from '../../testing/memory-store.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const random = randomNumbers(28);
const voice = (name: string): Profile => profileFor(name, randomVoice(random));

/** A store with alice, a stream's copy of her, and what the stream heard of another voice that is hers. */
async function scene(): Promise<{ store: MemoryStore; old: Profile; heard: Profile; kept: StreamSpeakers }> {
  const store = new MemoryStore();
  const { profile: old } = await store.put(voice('alice'));
  return { store, old, heard: voice('alice'), kept: new StreamSpeakers(store, 'token-1') };
}

const learnt = (old: Profile, heard: Profile) =>
  ({ how: 'learnt', speaker: old.name, profile: joinProfiles(old, heard), heard }) as const;

test('what a stream learns joins the profile as it is stored now, with what others added meanwhile', async () => {
  const { store, old, heard, kept } = await scene();
  const added = voice('alice');
  const others = joinProfiles(old, added);
  await store.put(others, { replaces: 'alice' });
  await kept.keep(learnt(old, heard));
  const now = await store.get('alice');
  expect(now.recordings).toBe(old.recordings + added.recordings + heard.recordings);
  expect(isSameVoice(now, joinProfiles(others, heard))).toBe(true);
});

test('of two streams that learn at once none is lost', async () => {
  const { store, old, heard, kept } = await scene();
  const other = voice('alice');
  await Promise.all([
    kept.keep(learnt(old, heard)),
    new StreamSpeakers(store, 'token-2').keep(learnt(old, other)),
  ]);
  expect((await store.get('alice')).recordings).toBe(3);
});

test('a speaker who was renamed meanwhile is followed, one who was removed is not made again', async () => {
  const { store, old, heard, kept } = await scene();
  const lesson = { windows: heard.exemplars, direction: heard.centroid, seconds: 4 };
  await store.put({ ...old, name: 'anna' }, { replaces: old });
  await kept.keep(learnt(old, heard));
  await kept.keep({ how: 'adapted', speaker: 'alice', profile: adaptedProfile(old, lesson) });
  const anna = await store.get('anna');
  expect([anna.recordings, anna.adaptations?.length]).toEqual([2, 1]);
  await store.delete('anna');
  await expect(kept.keep(learnt(old, heard))).rejects.toMatchObject({ code: 'speaker-not-found' });
  await store.put(voice('alice'));
  await expect(kept.keep(learnt(old, heard))).rejects.toMatchObject({ code: 'speaker-changed' });
  expect((await store.list()).profiles.map(({ recordings }) => recordings)).toEqual([1]);
});

test('nothing is learnt into a profile of another model', async () => {
  const { store, old, heard, kept } = await scene();
  const model = { name: 'another', fingerprint: 'ab'.repeat(32) };
  await store.put({ ...old, model }, { replaces: 'alice' });
  const lesson = { windows: heard.exemplars, direction: heard.centroid, seconds: 4 };
  for (const named of [
    learnt(old, heard),
    { how: 'adapted', speaker: 'alice', profile: adaptedProfile(old, lesson) } as const,
  ])
    await expect(kept.keep(named)).rejects.toMatchObject({ code: 'model-mismatch' });
  expect((await store.get('alice')).adaptations ?? []).toEqual([]);
});

test('a new speaker goes on growing after another voice was learnt, but not over what others added', async () => {
  const store = new MemoryStore();
  const kept = new StreamSpeakers(store, 'token-1');
  const dana = (await kept.keep({ how: 'enrolled', speaker: 'dana', profile: voice('dana') }))!;
  await kept.keep(learnt(dana, voice('dana')));
  const better = { ...voice('dana'), speechSeconds: 40 };
  await kept.improve(better);
  expect(isSameVoice(await store.get('dana'), better)).toBe(true);
  const others = joinProfiles(await store.get('dana'), voice('dana'));
  await store.put(others, { replaces: 'dana' });
  await kept.keep(learnt(dana, voice('dana')));
  expect(await kept.improve({ ...voice('dana'), speechSeconds: 60 })).toBeUndefined();
  expect((await store.get('dana')).recordings).toBe(others.recordings + 1);
});
