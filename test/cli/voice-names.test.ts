import { expect, test } from 'vitest';
import { VoiceNames } from '../../src/cli/voice-names.js';
import type { TrackCommand } from '../../src/tracker/index.js';
import { assertDistinctInRttm } from '../../src/transcript/rttm.js';
import { MemoryStore } from '../testing/memory-store.js';

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
