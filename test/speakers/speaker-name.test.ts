import { describe, expect, test } from 'vitest';
import { speakerName } from '../../src/speakers/index.js';

describe("a speaker's name", () => {
  test.each([
    ['  alice ', 'alice'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ['\u674e\u660e', '\u674e\u660e'],
    ["O'Neil, Jr. (2)", "O'Neil, Jr. (2)"],
    ['\u0645\u06cc\u200c\u0631\u0648\u0645', '\u0645\u06cc\u200c\u0631\u0648\u0645'],
    ['\u{1f600}'.repeat(64), '\u{1f600}'.repeat(64)],
    ['unknown person', 'unknown person'],
    ['...', '...'],
    ['. .', '. .'],
    ['.alice', '.alice'],
  ])('%j is stored as %j', (raw, name) => {
    expect(speakerName(raw)).toBe(name);
  });

  test.each([
    ['', /is empty/],
    [' \t ', /is empty/],
    ['x'.repeat(65), /has 65 characters; give at most 64/],
    ['a\nb', /do not print/],
    ['a\u0000', /do not print/],
    ['abc\u202edef', /do not print/],
    ['\ud800', /do not print/],
    ['\u200d', /nothing that prints/],
    ['../etc', /slash/],
    ['a\\b', /slash/],
    ['Unknown', /reserved/],
    ['unknown-12', /reserved/],
    [' SILENCE ', /reserved/],
    ...['.', '..', ' . ', '%2e', '%2E.', '.%2e', '%2e%2E'].map((raw): [string, RegExp] => [
      raw,
      /stands for a folder in a URL/,
    ]),
  ])('%j is refused', (raw, why) => {
    expect(() => speakerName(raw)).toThrow(why);
    expect(() => speakerName(raw)).toThrow(expect.objectContaining({ code: 'speaker-name' }));
  });

  test('that is taken can be the last part of a URL', () => {
    const parts = [
      '.',
      '%',
      '2',
      'e',
      'E',
      'f',
      '?',
      '#',
      ' ',
      ';',
      ':',
      '@',
      '&',
      '+',
      '\u00e9',
      '\uff0e',
      '\u{1f600}',
      '|',
    ];
    for (const a of ['', ...parts])
      for (const b of ['', ...parts])
        for (const c of ['', ...parts])
          for (const d of ['', ...parts]) {
            const raw = a + b + c + d;
            let name: string;
            try {
              name = speakerName(raw);
            } catch {
              continue;
            }
            const { pathname } = new URL(`http://server/v1/speakers/${encodeURIComponent(name)}`);
            const path = pathname.split('/');
            if (path.length !== 4 || decodeURIComponent(path[3]!) !== name)
              expect.fail(`${name}: ${pathname}`);
          }
  });
});
