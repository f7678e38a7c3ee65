import { expect, test } from 'vitest';
import { changePoints } from '../../src/turns/change-points.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import { randomNumbers } from '../random.js';

/** Flags from a picture: `#` speech, `?` likely, `-` held, `.` none, 10 ms each. */
function flags(picture: string): Uint8Array {
  return Uint8Array.from(picture, (mark) => '.#-?'.indexOf(mark));
}

function trackOf(picture: string, capacity = 1000): SpeechTrack {
  const track = new SpeechTrack(capacity);
  track.append({ startSample: 0, endSample: picture.length * 160, speech: flags(picture) });
  return track;
}

test('counts and finds speech between any positions, as a plain array would', () => {
  const random = randomNumbers(3);
  const all = Array.from({ length: 400 }, () => (random() < 0.5 ? '#' : '.')).join('');
  const track = new SpeechTrack(150);
  for (let at = 0; at < 400; at += 25) {
    track.append({
      startSample: at * 160,
      endSample: (at + 25) * 160,
      speech: flags(all.slice(at, at + 25)),
    });
  }
  expect(track.startSample).toBe(250 * 160);
  for (let from = 250; from < 400; from += 7) {
    for (let to = from; to <= 400; to += 11) {
      const part = all.slice(from, to);
      expect(track.speechFrames(from * 160, to * 160)).toBe(part.replaceAll('.', '').length);
      const last = part.lastIndexOf('#');
      expect(track.lastSpeechEnd(from * 160, to * 160)).toBe(last < 0 ? undefined : (from + last + 1) * 160);
    }
  }
});

test('a step whose length is not whole frames, and one with flags missing at its end', () => {
  const track = new SpeechTrack(100);
  track.append({ startSample: 0, endSample: 1000, speech: flags('.#####') });
  expect(track.speechFrames(0, 1120)).toBe(6);
  expect(track.lastSpeechEnd(0, 1000)).toBe(1000);
  expect(track.endSample).toBe(1000);
});

test('what is likely speech is heard, and is not sure', () => {
  const track = trackOf('..##??--.?');
  const heard = Array.from({ length: 10 }, (_, i) => track.isHeard(i * 160));
  expect(heard).toEqual([false, false, true, true, true, true, false, false, false, true]);
  expect(track.speechFrames(0, 1600)).toBe(7);
  expect(track.sureShare(0, 1600)).toBeCloseTo(2 / 7);
  expect(track.sureShare(320, 640)).toBe(1);
  expect(track.sureShare(640, 1600)).toBe(0);
  expect(track.sureShare(0, 320)).toBe(0);
  track.skipTo(100_000);
  track.append({ startSample: 100_000, endSample: 100_640, speech: flags('#???') });
  expect(track.sureShare(100_000, 100_640)).toBe(0.25);
});

test('lost audio begins a new track', () => {
  const track = trackOf('####');
  track.skipTo(100_000);
  track.append({ startSample: 100_000, endSample: 100_320, speech: flags('.#') });
  expect(track.isSpeech(100_000)).toBe(false);
  expect(track.isSpeech(100_160)).toBe(true);
  expect(track.speechFrames(0, 200_000)).toBe(1);
});

test('the speaker may change after pauses, likelier after long ones, and on a grid within speech', () => {
  const picture = `${'#'.repeat(30)}${'.'.repeat(10)}${'#'.repeat(5)}${'.'.repeat(60)}${'#'.repeat(5)}`;
  const points = changePoints(trackOf(picture), 0, picture.length * 160);
  expect(points.map(({ sample }) => sample / 160)).toEqual([0, 10, 20, 40, 105]);
  const [grid, , , short, long] = points.map(({ probability }) => probability);
  expect(grid).toBeLessThan(short!);
  expect(short).toBeLessThan(long!);
  expect(long).toBeLessThan(1);
});
