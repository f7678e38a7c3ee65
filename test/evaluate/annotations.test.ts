import { describe, expect, it } from 'vitest';
import { readRttm, readUem, readUnscored, writeRttm } from '../../src/evaluate/index.js';

const LINE = 'SPEAKER meeting 1 3.168 0.800 <NA> <NA> MEO069 <NA> <NA>';

describe('readRttm', () => {
  it('reads SPEAKER lines and passes over comments, blank lines and other types', () => {
    const text = `\uFEFF;; a comment\r\n\r\nSPKR-INFO meeting 1 <NA> <NA> <NA> unknown MEO069 <NA>\r\n${LINE}\r\n  SPEAKER b 1 1e1 .5 <NA> <NA> x <NA>`;
    expect(readRttm(text)).toEqual([
      { recording: 'meeting', startSeconds: 3.168, endSeconds: 3.168 + 0.8, speaker: 'MEO069' },
      { recording: 'b', startSeconds: 10, endSeconds: 10.5, speaker: 'x' },
    ]);
    expect(readRttm('')).toEqual([]);
  });

  it.each([
    ['SPEAKER meeting 1 3.168 0.800', 'expected 8 to 10 fields, found 5'],
    [`${LINE} more`, 'expected 8 to 10 fields, found 11'],
    ['SPEAKER meeting 1 -1 0.8 <NA> <NA> x <NA> <NA>', 'start "-1"'],
    ['SPEAKER meeting 1 1 0x10 <NA> <NA> x <NA> <NA>', 'duration "0x10"'],
    ['SPEAKER meeting 1 1 1e999 <NA> <NA> x <NA> <NA>', 'duration "1e999"'],
    ['SPEEKER meeting 1 1 1 <NA> <NA> x <NA> <NA>', 'unknown type "SPEEKER"'],
  ])('names the line of "%s"', (bad, fault) => {
    const read = () => readRttm(`${LINE}\n\n${bad}\n`, 'a.rttm');
    expect(read).toThrow(expect.objectContaining({ code: 'annotation-format' }));
    expect(read).toThrow(`a.rttm, line 3: `);
    expect(read).toThrow(fault);
  });
});

describe('readUnscored', () => {
  const NOSCORE = 'NOSCORE meeting 1 10.5 2 <NA> <NA> <NA> <NA>';

  it('reads NOSCORE lines, which are no turns', () => {
    const text = `${LINE}\n${NOSCORE}\nNOSCORE b 1 0 1\n`;
    expect(readUnscored(text)).toEqual([
      { recording: 'meeting', startSeconds: 10.5, endSeconds: 12.5 },
      { recording: 'b', startSeconds: 0, endSeconds: 1 },
    ]);
    expect(readRttm(text)).toHaveLength(1);
  });

  it.each([
    ['NOSCORE meeting 1 10.5', 'expected 5 to 10 fields, found 4'],
    ['NOSCORE meeting 1 <NA> 2 <NA> <NA> <NA> <NA>', 'start "<NA>"'],
  ])('names the line of "%s"', (bad, fault) => {
    const read = () => readUnscored(`${LINE}\n${bad}\n`, 'a.rttm');
    expect(read).toThrow(expect.objectContaining({ code: 'annotation-format' }));
    expect(read).toThrow(`a.rttm, line 2: ${fault}`);
  });
});

describe('writeRttm', () => {
  it('writes what readRttm reads', () => {
    expect(writeRttm(readRttm(`${LINE}\n`))).toBe(`${LINE}\n`);
    expect(writeRttm([{ recording: 'a b', startSeconds: 0, endSeconds: 1.5, speaker: 'Ann Lee' }])).toBe(
      'SPEAKER a_b 1 0.000 1.500 <NA> <NA> Ann_Lee <NA> <NA>\n',
    );
  });
});

describe('readUem', () => {
  it('reads regions', () => {
    expect(readUem(';; x\nmeeting 1 0.5 30\n')).toEqual([
      { recording: 'meeting', startSeconds: 0.5, endSeconds: 30 },
    ]);
  });

  it.each(['meeting 1 0.5', 'meeting 1 3 2', 'meeting 1 a 2'])('rejects "%s"', (bad) => {
    expect(() => readUem(bad)).toThrow(expect.objectContaining({ code: 'annotation-format' }));
    expect(() => readUem(bad)).toThrow('line 1');
  });
});
