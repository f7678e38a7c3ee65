import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertDistinctRecordings, isDone, recordingsOf } from '../../../src/cli/diarize/recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-recordings-'));
const file = (name: string, bytes = 3): string => {
  writeFileSync(join(folder, name), Buffer.alloc(bytes));
  return join(folder, name);
};

test('files and folders are taken in order, each once', () => {
  const calls = join(folder, 'calls');
  mkdirSync(calls);
  for (const name of ['b.mp3', 'a.wav', 'notes.txt']) file(join('calls', name));
  const single = file('one.two.wav', 5);
  const none = join(folder, 'none.wav');
  expect(recordingsOf([single, calls, single, none])).toEqual([
    { path: single, name: 'one.two', bytes: 5 },
    { path: join(calls, 'a.wav'), name: 'a', bytes: 3 },
    { path: join(calls, 'b.mp3'), name: 'b', bytes: 3 },
    { path: none, name: 'none', bytes: 0 },
  ]);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  expect(() => recordingsOf([empty])).toThrow(expect.objectContaining({ code: 'file-not-found' }) as Error);
});

test('two recordings of one name are refused', () => {
  const twins = recordingsOf([file('a b.wav'), file('a_b.mp3')]);
  expect(() => {
    assertDistinctRecordings(twins);
  }).toThrow(/a b\.wav and .*a_b\.mp3 are both called a_b/);
});

test('a recording is done when all of its files are there', () => {
  const [recording] = recordingsOf([file('call.wav')]);
  file('call.rttm');
  expect(isDone(recording!, folder, ['rttm'])).toBe(true);
  expect(isDone(recording!, folder, ['rttm', 'textgrid'])).toBe(false);
  file('call.TextGrid');
  expect(isDone(recording!, folder, ['rttm', 'textgrid'])).toBe(true);
});
