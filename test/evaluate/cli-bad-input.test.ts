import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../cli-in-process.js';
import { AUDIO } from '../helpers.js';
import { file, folder, rttm } from './annotation-files.js';

describe('bad input to evaluate', () => {
  const good = file('good.rttm', rttm('a', 'ann 0 10'));
  const cases: [what: string, args: () => string[], message: RegExp][] = [
    [
      'an RTTM file with a bad line',
      () => ['diarization', file('bad.rttm', `${rttm('a', 'ann 0 1')}SPEAKER a 1 x 1 <NA> <NA> b`), good],
      /bad\.rttm, line 2: .*\[annotation-format\]/,
    ],
    [
      'a UEM file with a bad line',
      () => ['diarization', good, good, '--uem', file('bad.uem', 'a 1 5 4')],
      /bad\.uem, line 1: .*\[annotation-format\]/,
    ],
    [
      'a UEM file of another recording',
      () => ['diarization', good, good, '--uem', file('A.uem', 'A 1 0 4')],
      /A\.uem: names A, and none of a .*\[annotation-empty\]/,
    ],
    [
      'an RTTM file that is no UTF-8',
      () => {
        const path = file('latin.rttm', '');
        writeFileSync(path, Buffer.from(rttm('a', 'J\xf6rg 0 1'), 'latin1'));
        return ['diarization', path, good];
      },
      /no UTF-8 text.*\[file-unreadable\]/,
    ],
    [
      'an empty reference',
      () => ['diarization', file('empty.rttm', ''), good],
      /no SPEAKER lines.*\[annotation-empty\]/,
    ],
    [
      'another recording',
      () => ['diarization', good, file('other.rttm', rttm('b', 'x 0 1'))],
      /recording "b" is not in .*\[annotation-empty\]/,
    ],
    [
      'a missing file',
      () => ['diarization', join(folder, 'none.rttm'), good],
      /no such file.*\[file-not-found\]/,
    ],
    [
      'a trial that names a missing file',
      () => {
        copyFileSync(`${AUDIO}/alice.wav`, join(folder, 'alice.wav'));
        return ['trials', file('missing.txt', '1 alice.wav alice.wav\n0 alice.wav carol.wav')];
      },
      /missing\.txt, line 2: no such file: .*carol\.wav.*\[file-not-found\]/,
    ],
    [
      'trials of one kind',
      () => ['trials', file('one-kind.txt', '1 0.5')],
      /no impostor trials.*\[annotation-empty\]/,
    ],
    [
      'events that are not JSON',
      () => ['events', file('bad.jsonl', '{"type":"end"}\noops'), good],
      /bad\.jsonl, line 2: not a JSON object.*\[annotation-format\]/,
    ],
    [
      'a folder without events',
      () => {
        mkdirSync(join(folder, 'no-events'));
        return ['events', join(folder, 'no-events'), good];
      },
      /no \.jsonl files.*\[annotation-empty\]/,
    ],
    [
      'a reference of several recordings',
      () => ['events', file('no.jsonl', ''), file('two.rttm', rttm('a', 'x 0 1') + rttm('b', 'x 0 1'))],
      /has 2 recordings \(a, b\).*\[invalid-option\]/,
    ],
  ];
  it.each(cases)('%s', async (_, args, message) => {
    const { code, stderr } = await runHere(['evaluate', ...args()]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it('an output that cannot be written is told before any work, and costs no file what it holds', async () => {
    // Each of these would fail by its input, were the output not looked at first.
    const none = join(folder, 'none');
    const there = file('kept.svg', 'kept');
    for (const args of [
      ['evaluate', 'trials', none, '--svg'],
      ['evaluate', 'diarization', none, none, '--svg'],
      ['evaluate', 'events', none, none, '--svg'],
      ['calibrate', none, '--out'],
      ['simulate', '--voices', none],
    ]) {
      const { code, stderr } = await runHere([...args, join(none, 'out')]);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(/^error: (--svg|--out|<out>): cannot write \S+: .*\[invalid-option\]\n$/);
      if (args[0] === 'simulate') continue;
      expect((await runHere([...args, folder])).stderr).toMatch(/it is a folder \[invalid-option\]/);
      expect((await runHere([...args, there])).stderr).toMatch(/\[file-not-found\]/);
      const created = join(folder, 'created.svg');
      expect((await runHere([...args, created])).stderr).toMatch(/\[file-not-found\]/);
      expect([readFileSync(there, 'utf8'), existsSync(created)]).toEqual(['kept', false]);
    }
  });

  it('a folder without voices', async () => {
    mkdirSync(join(folder, 'voices', 'alice'), { recursive: true });
    const { stderr } = await runHere([
      'simulate',
      join(folder, 'x'),
      '--voices',
      join(folder, 'voices', 'alice'),
    ]);
    expect(stderr).toMatch(/no folder of recordings/);
  });
});
