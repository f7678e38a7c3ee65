import { expect, test } from 'vitest';
import { HELD, LIKELY, SPEECH } from '../../src/fbank/index.js';
import { SHIFT_SAMPLES } from '../../src/stream/index.js';
import { afterTail } from '../../src/turns/change-points.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';

const FLAGS: Record<string, number> = { '#': SPEECH, '~': LIKELY, h: HELD, '.': 0 };

/** Where a change at frame `at` of these flags is told, in frames; each character stands for five frames. */
function told(flags: string, at: number): number {
  const speech = Uint8Array.from(
    flags.split('').flatMap((flag) => Array.from({ length: 5 }, () => FLAGS[flag]!)),
  );
  const track = new SpeechTrack(6000);
  track.append({ startSample: 0, endSample: speech.length * SHIFT_SAMPLES, speech });
  return afterTail(track, at * 5 * SHIFT_SAMPLES, speech.length * SHIFT_SAMPLES) / SHIFT_SAMPLES / 5;
}

test('a short tail before a pause belongs to what went before it', () => {
  expect(told('######~~#~hhh...######', 8)).toBe(16);
  // There is no pause after it, or a pause no longer than the one before it.
  expect(told('######~~#~##########', 8)).toBe(8);
  expect(told('####hhh..##hh..#####', 9)).toBe(9);
});

test('what is longer than a tail is a turn that begins there', () => {
  expect(told('########~~~~~~~hhh...######', 8)).toBe(8);
  expect(told('########~~hhh', 8)).toBe(8);
});
