import { expect, test } from 'vitest';
import { talkTime } from '../../src/transcript/talk-time.js';

const segment = (speaker: string, start: number, end: number) => ({ speaker, start, end });

test('talk time counts each speaker, longest first, and nobody twice', () => {
  const segments = [
    segment('bob', 0, 1),
    segment('alice', 0.5, 2),
    segment('alice', 1, 1.5),
    segment('alice', 1.5, 3.5),
  ];
  expect(talkTime(segments)).toEqual([
    { speaker: 'alice', seconds: 3, share: 0.75 },
    { speaker: 'bob', seconds: 1, share: 0.25 },
  ]);
  expect(talkTime([])).toEqual([]);
});
