import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RttmFile, RttmStdout } from '../../src/cli/rttm-file.js';
import { readRttm } from '../../src/evaluate/index.js';
import type { FinalEvent } from '../../src/tracker/index.js';
import { correction, final, span } from './events.js';

const source = { input: 'a call.wav', recording: 'a call' };

it('writes each stretch of speech at once, and corrects all stretches of a turn at the end', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-rttm-file-')), 'out.rttm');
  const lines = () =>
    readRttm(readFileSync(path, 'utf8')).map((t) => `${t.speaker} ${t.startSeconds}-${t.endSeconds}`);
  const paused: FinalEvent = { ...final(0, 'unknown', 0.75, 4.25), speech: [span(1, 2), span(2.5, 4)] };
  const file = new RttmFile(path, source);
  file.event(paused);
  file.event(final(1, 'Mary Ann', 5, 6));
  const before = ['unknown 1-2', 'unknown 2.5-4', 'Mary_Ann 5-6'];
  expect(lines()).toEqual(before);
  file.event(correction(paused, 'unknown-1'));
  expect(lines()).toEqual(before);
  await file.close();
  expect(lines()).toEqual(['unknown-1 1-2', 'unknown-1 2.5-4', 'Mary_Ann 5-6']);
});

it('leaves a file as it is until the first event, and the recording for good', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-rttm-file-')), 'out.rttm');
  writeFileSync(path, 'before');
  expect(() => new RttmFile(path, { ...source, input: path })).toThrow(/is the recording itself/);
  await new RttmFile(path, source).close();
  expect(readFileSync(path, 'utf8')).toBe('before');
  const file = new RttmFile(path, source);
  file.event({ type: 'end', endSample: 0 });
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('');
});

it.each([
  [true, ['unknown 1-2', 'unknown 2.5-4', 'Mary_Ann 5-6']],
  [false, ['unknown-1 1-2', 'unknown-1 2.5-4', 'Mary_Ann 5-6']],
])(
  'on standard output, live %s, tells each turn as it ends or all of them corrected',
  async (live, expected) => {
    let text = '';
    const sink = new RttmStdout({ recording: 'a call', live }, (lines) => (text += lines));
    const paused: FinalEvent = { ...final(0, 'unknown', 0.75, 4.25), speech: [span(1, 2), span(2.5, 4)] };
    sink.event(paused);
    sink.event(final(1, 'Mary Ann', 5, 6));
    sink.event(correction(paused, 'unknown-1'));
    const before = text;
    await sink.close();
    expect(readRttm(text).map((t) => `${t.speaker} ${t.startSeconds}-${t.endSeconds}`)).toEqual(expected);
    expect(before === '').toBe(!live);
  },
);
