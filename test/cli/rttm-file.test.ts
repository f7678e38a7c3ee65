import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RttmFile } from '../../src/cli/rttm-file.js';
import { readRttm } from '../../src/evaluate/index.js';
import type { CorrectionEvent, FinalEvent } from '../../src/tracker/index.js';

const span = (start: number, end: number) => ({ startSample: start * 16_000, endSample: end * 16_000 });
const told = (turn: number, speaker: string, start: number, end: number) => ({
  turn,
  revision: 1,
  ...span(start, end),
  atSample: end * 16_000,
  speaker,
  known: false,
  score: 0.5,
  probability: 0.8,
});

it('writes each stretch of speech at once, and corrects all stretches of a turn at the end', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-rttm-file-')), 'out.rttm');
  const lines = () =>
    readRttm(readFileSync(path, 'utf8')).map((t) => `${t.speaker} ${t.startSeconds}-${t.endSeconds}`);
  const final = (turn: number, speaker: string, ...speech: [number, number][]): FinalEvent => ({
    type: 'final',
    ...told(turn, speaker, speech[0]![0] - 0.25, speech.at(-1)![1] + 0.25),
    overlap: false,
    others: [],
    speech: speech.map(([start, end]) => span(start, end)),
    overlaps: [],
  });
  const file = new RttmFile(path, 'a call.wav');
  file.event(final(0, 'unknown', [1, 2], [2.5, 4]));
  file.event(final(1, 'Mary Ann', [5, 6]));
  const before = ['unknown 1-2', 'unknown 2.5-4', 'Mary_Ann 5-6'];
  expect(lines()).toEqual(before);
  const correction: CorrectionEvent = {
    type: 'correction',
    ...told(0, 'unknown-1', 0.75, 4.25),
    was: 'unknown',
  };
  file.event(correction);
  expect(lines()).toEqual(before);
  await file.close();
  expect(lines()).toEqual(['unknown-1 1-2', 'unknown-1 2.5-4', 'Mary_Ann 5-6']);
});

it('leaves a file as it is until the first event, and the recording for good', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-rttm-file-')), 'out.rttm');
  writeFileSync(path, 'before');
  expect(() => new RttmFile(path, path)).toThrow(/is the recording itself/);
  await new RttmFile(path, 'no such recording').close();
  expect(readFileSync(path, 'utf8')).toBe('before');
  const file = new RttmFile(path, 'a call.wav');
  file.event({ type: 'end', endSample: 0 });
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('');
});
