import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertTranscriptFlags, TranscriptSink } from '../../src/cli/transcript-output.js';
import { correction, final, tentative } from './events.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-transcript-'));

async function written(flags: ConstructorParameters<typeof TranscriptSink>[1]): Promise<string> {
  let text = '';
  const sink = new TranscriptSink('a call', flags, (part) => (text += part));
  const first = final(0, 'unknown', 1, 3);
  for (const event of [
    tentative(0, 'bob', 1, 2),
    first,
    final(1, 'alice', 4, 6),
    correction(first, 'unknown-1'),
  ])
    sink.event(event);
  sink.event({ type: 'end', endSample: 7 * 16_000 });
  expect(text).toBe('');
  await sink.close();
  return text;
}

test('a stream is written once it is over, as its turns were corrected', async () => {
  expect(await written({ format: ['rttm'] })).toBe(
    'SPEAKER a_call 1 1.000 2.000 <NA> <NA> unknown-1 <NA> <NA>\n' +
      'SPEAKER a_call 1 4.000 2.000 <NA> <NA> alice <NA> <NA>\n',
  );
});

test('with a folder each format is a file of its own', async () => {
  const outDir = join(folder, 'new', 'er');
  const flags = { format: ['textgrid', 'json', 'audacity'], outDir } as const;
  assertTranscriptFlags(flags);
  expect(await written(flags)).toBe('');
  expect(readdirSync(outDir).sort()).toEqual(['a call.TextGrid', 'a call.json', 'a call.labels.txt']);
  expect(JSON.parse(readFileSync(join(outDir, 'a call.json'), 'utf8'))).toMatchObject({
    recording: 'a call',
    duration: 7,
    segments: [{ speaker: 'unknown-1', start: 1 }, { speaker: 'alice' }],
  });
});

test('what cannot be written is refused before the work', () => {
  const coded = expect.objectContaining({ code: 'invalid-option' }) as Error;
  expect(() => {
    assertTranscriptFlags({ format: ['srt', 'vtt'] });
  }).toThrow(coded);
  mkdirSync(join(folder, 'a call.srt'));
  expect(() => new TranscriptSink('a call', { format: ['srt'], outDir: folder })).toThrow(coded);
  expect(() => {
    assertTranscriptFlags({ format: ['srt'], outDir: '/dev/null/x' });
  }).toThrow(coded);
});
