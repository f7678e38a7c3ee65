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
  ])('%j is refused', (raw, why) => {
    expect(() => speakerName(raw)).toThrow(why);
    expect(() => speakerName(raw)).toThrow(expect.objectContaining({ code: 'speaker-name' }));
  });
});
