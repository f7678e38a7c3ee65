import { expect, test } from 'vitest';
import { recordingLine, totalText } from '../../../src/cli/diarize/summary.js';

const segment = (speaker: string, start: number, end: number) => ({
  speaker,
  known: !speaker.startsWith('unknown'),
  start,
  end,
  probability: 0.9,
});

const first = {
  recording: 'one',
  duration: 60,
  segments: [segment('alice', 0, 30), segment('unknown-1', 30, 40)],
};
const second = {
  recording: 'two',
  duration: 3600,
  segments: [segment('unknown-1', 0, 10), segment('alice', 5, 15)],
};
const silent = { recording: 'three', duration: 5, segments: [] };

test('a recording is a line, with who talks how much of it', () => {
  expect(recordingLine(first)).toBe('one  01:00.0  alice 75 %, unknown-1 25 %\n');
  expect(recordingLine(silent)).toBe('three  00:05.0  no speech\n');
});

test('over all recordings only the enrolled are one person', () => {
  expect(totalText([first, second, silent])).toBe(
    '3 recordings, 1:01:05.0 of sound\n' +
      'talk time\n' +
      '  alice    00:40.0   67 %\n' +
      '  unknown  00:20.0   33 %\n',
  );
});
