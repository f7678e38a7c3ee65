import { describe, expect, it } from 'vitest';
import { heardSpeech } from '../../src/turns/heard-speech.js';
import { randomNumbers } from '../random.js';

/** Of a picture of 10 ms frames (`#` heard): the stretches of the frames from one to another. */
function speech(picture: string, from = 0, to = picture.length): [number, number][] {
  const isHeard = (sample: number): boolean => picture[Math.floor(sample / 160)] === '#';
  return heardSpeech(isHeard, { startSample: from * 160, endSample: to * 160 }).map(
    ({ startSample, endSample }) => [startSample / 160, endSample / 160],
  );
}
const frames = (mark: string, count: number): string => mark.repeat(count);

describe('heardSpeech', () => {
  it('leaves out pauses of 0.3 s and more, and begins 50 ms before it hears', () => {
    expect(speech(frames('#', 50) + frames('.', 30) + frames('#', 40))).toEqual([
      [0, 50],
      [75, 120],
    ]);
    expect(speech(frames('#', 50) + frames('.', 29) + frames('#', 40))).toEqual([[0, 119]]);
  });

  it('leaves out the soft edges of a turn', () => {
    expect(speech(frames('.', 15) + frames('#', 60) + frames('.', 15))).toEqual([[10, 75]]);
    expect(speech(frames('.', 3) + frames('#', 60))).toEqual([[0, 63]]);
  });

  it('stays in the turn, whatever is heard beside it', () => {
    expect(speech(frames('#', 100), 20, 70)).toEqual([[20, 70]]);
  });

  it('leaves out clicks, unless there is nothing else', () => {
    const click = frames('.', 40) + frames('#', 9) + frames('.', 40);
    expect(speech(click + frames('#', 30))).toEqual([[84, 119]]);
    expect(speech(click)).toEqual([[0, 89]]);
    expect(speech(frames('.', 50))).toEqual([[0, 50]]);
  });

  it('gives stretches in order, 0.3 s apart but for the onset, for any turn', () => {
    const random = randomNumbers(5);
    for (let round = 0; round < 300; round++) {
      let picture = '';
      while (picture.length < 400) {
        picture += frames('#', Math.floor(60 * random())) + frames('.', Math.floor(60 * random()));
      }
      const from = Math.floor(100 * random());
      const to = from + 20 + Math.floor(280 * random());
      const stretches = speech(picture, from, to);
      expect(stretches.length).toBeGreaterThan(0);
      let end = from - 25;
      for (const [start, stop] of stretches) {
        expect(start - end).toBeGreaterThanOrEqual(25);
        expect(stop).toBeGreaterThan(start);
        end = stop;
      }
      expect(end).toBeLessThanOrEqual(to);
    }
  });
});
