import { expect, test, vi } from 'vitest';
import { VoiceNames } from '../../src/cli/voice-names.js';
import type { TrackCommand } from '../../src/tracker/index.js';
import { assertDistinctInRttm } from '../../src/transcript/rttm.js';
import { MemoryStore } from '../testing/memory-store.js';
import { randomNumbers } from '../random.js';
import { profileFor, randomVoice } from '../tracker/synthetic.js';

test('a name that would be another in RTTM is refused when it is typed, and the next one taken', async () => {
  const names = new VoiceNames([{ label: 'unknown-1', speaker: 'Mary Ann' }], new MemoryStore());
  const commands: TrackCommand[] = [];
  names.commands.subscribe((command) => commands.push(command));
  names.onCheck((given) => {
    assertDistinctInRttm(['Bob', ...given], '--rttm');
  });
  await expect(names.give('unknown-2=Mary_Ann')).rejects.toMatchObject({ code: 'invalid-option' });
  await names.give('unknown-2=Maryann');
  expect(commands).toEqual([{ type: 'name', label: 'unknown-2', speaker: 'Maryann' }]);
  const twins = new VoiceNames([{ label: 'unknown-1', speaker: 'B_b' }], new MemoryStore());
  expect(() => {
    twins.onCheck((given) => {
      assertDistinctInRttm(['B b', ...given], '--rttm');
    });
  }).toThrow(/"B b" and "B_b" would both be B_b/);
});

const random = randomNumbers(4);

test('a voice that was named is saved better when more was heard of it, but not over what others made of it', async () => {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const store = new MemoryStore();
  const names = new VoiceNames([], store);
  for (const [label, speaker] of [
    ['unknown-1', 'dana'],
    ['unknown-2', 'emil'],
  ] as const) {
    const profile = { ...profileFor(speaker, randomVoice(random)), speechSeconds: 3.5 };
    names.event({ type: 'named', atSample: 0, label, speaker, how: 'enrolled', profile });
  }
  await vi.waitFor(async () => {
    await store.get('emil');
  });
  const mine = profileFor('emil', randomVoice(random));
  await store.put({ ...mine, speechSeconds: 30 }, { replaces: 'emil' });
  for (const speaker of ['dana', 'emil'])
    names.improve({ ...profileFor(speaker, randomVoice(random)), speechSeconds: 12 });
  await names.finish();
  vi.restoreAllMocks();
  expect((await store.get('dana')).speechSeconds).toBe(12);
  expect((await store.get('emil')).speechSeconds).toBe(30);
  expect(lines).toContain('saved unknown-1 as dana (12.0 s of speech)\n');
});
