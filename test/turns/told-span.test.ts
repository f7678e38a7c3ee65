import { expect, test } from 'vitest';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import { toldSpan } from '../../src/turns/told-span.js';
import { randomNumbers } from '../random.js';

/** Of a picture of 10 ms frames (`#` heard, `-` held, `.` none): what is told of the frames from one to another. */
function told(picture: string, from: number, to: number): [number, number] {
  const track = new SpeechTrack(1000);
  const speech = Uint8Array.from(picture, (mark) => '.#-'.indexOf(mark));
  track.append({ startSample: 0, endSample: picture.length * 160, speech });
  const { startSample, endSample } = toldSpan(track, {
    label: 1,
    startSample: from * 160,
    endSample: to * 160,
  });
  return [startSample / 160, endSample / 160];
}
const frames = (mark: string, count: number): string => mark.repeat(count);

test('a turn begins 200 ms before it is heard, and ends as long behind where the gate holds', () => {
  const alone = frames('.', 40) + frames('#', 60) + frames('-', 30) + frames('.', 20);
  expect(told(alone, 40, 130)).toEqual([20, 120]);
  expect(told(alone, 40, 105)).toEqual([20, 105]);
});

test('at the start of a stream there is nothing before it', () => {
  expect(told(frames('.', 8) + frames('#', 60), 8, 68)).toEqual([0, 68]);
  expect(told(frames('#', 60), 0, 60)).toEqual([0, 60]);
});

test('after a pause it does not begin before the soft end of the turn before', () => {
  const pause = (held: number): string => frames('#', 50) + frames('-', held) + frames('#', 50);
  for (const [held, end, start] of [
    [10, 60, 60],
    [20, 70, 70],
    [50, 70, 80],
  ] as const) {
    expect(told(pause(held), 0, 50 + held)[1]).toBe(end);
    expect(told(pause(held), 50 + held, 100 + held)[0]).toBe(start);
  }
});

test('where nobody pauses the one ends and the other begins a little later than was found', () => {
  const through = frames('#', 100);
  expect(told(through, 0, 40)).toEqual([0, 55]);
  expect(told(through, 40, 100)).toEqual([55, 100]);
  // Not into the pause.
  const pauseSoon = frames('#', 46) + frames('-', 20) + frames('#', 40);
  expect(told(pauseSoon, 0, 40)[1]).toBe(46);
  expect(told(pauseSoon, 40, 106)[0]).toBe(46);
});

test('turns that follow each other are told in order, without overlap, wherever they are cut', () => {
  const random = randomNumbers(12);
  for (let round = 0; round < 300; round++) {
    let picture = '';
    while (picture.length < 300) {
      picture += frames('#', Math.floor(40 * random())) + frames('-', Math.floor(35 * random()));
      if (random() < 0.5) picture += frames('.', Math.floor(40 * random()));
    }
    const cuts = Array.from({ length: 6 }, () => Math.floor(300 * random())).sort((a, b) => a - b);
    let before = 0;
    for (const [i, from] of cuts.entries()) {
      const [start, end] = told(picture, from, cuts[i + 1] ?? 300);
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThanOrEqual(start);
      before = end;
    }
  }
});
