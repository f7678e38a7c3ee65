import { describe, expect, it } from 'vitest';
import { StepPlanner } from '../../src/fbank/step-planner.js';
import { MEL_BINS, Windower } from '../../src/fbank/index.js';
import { randomSource } from '../../measure/random-model.js';

const WINDOW = 148;
const STEP = 50;

/** A stream of frames, each of a voice (a spectrum of its own) or, below 0, of silence; windows every 50 frames. */
function plan(frames: readonly number[], maxSkipped: number): boolean[] {
  const random = randomSource(1);
  const features = Float32Array.from(
    { length: frames.length * MEL_BINS },
    (_, at) => random() + (frames[Math.floor(at / MEL_BINS)]! === 1 && at % 2 === 0 ? 1.5 : 0),
  );
  const flags = Uint8Array.from(frames, (voice) => (voice < 0 ? 0 : 1));
  const planner = new StepPlanner(WINDOW, maxSkipped);
  const wanted: boolean[] = [];
  for (let end = WINDOW; end <= frames.length; end += STEP) {
    wanted.push(
      planner.wants({
        features: features.subarray((end - WINDOW) * MEL_BINS, end * MEL_BINS),
        speech: flags.subarray(end - WINDOW, end),
        newFrames: end === WINDOW ? WINDOW : STEP,
      }),
    );
  }
  return wanted;
}
const of = (voice: number, windows: number): number[] => Array<number>(windows * STEP).fill(voice);
const shareOf = (wanted: readonly boolean[]): number => wanted.filter(Boolean).length / wanted.length;

describe('StepPlanner', () => {
  it('takes every window of a beginning, then one in so many while nothing changes', () => {
    const wanted = plan(of(0, 40), 2);
    expect(wanted.slice(0, 3)).toEqual([true, true, true]);
    expect(wanted.slice(6, 15).filter(Boolean)).toHaveLength(3);
  });

  it('takes every window while another voice comes in', () => {
    const wanted = plan([...of(0, 20), ...of(1, 20)], 2);
    const change = 20 - 2;
    expect(wanted.slice(change, change + 3)).toEqual([true, true, true]);
    expect(shareOf(wanted.slice(change + 6))).toBeLessThan(0.45);
  });

  it('takes every window near a pause', () => {
    const wanted = plan([...of(0, 20), ...Array<number>(15).fill(-1), ...of(0, 20)], 2);
    const pause = 20 - 2;
    expect(wanted.slice(pause, pause + 3)).toEqual([true, true, true]);
  });

  it('takes no window in silence, and what was passed over before it is heard first', () => {
    const wanted = plan([...of(0, 21), ...of(-1, 30)], 2);
    expect(wanted.slice(19, 22)).toContain(true);
    expect(wanted.slice(23)).not.toContain(true);
  });
});

describe('Windower with an adaptive step', () => {
  const block = {
    startSample: 0,
    count: 1000,
    features: new Float32Array(1000 * MEL_BINS),
    speech: new Uint8Array(1000).fill(1),
  };

  it('makes the same windows and steps, and marks those that it passes over', () => {
    const every = new Windower().push(block);
    const adaptive = new Windower({ maxStepMs: 1500 }).push(block);
    expect(adaptive.map(({ step }) => step)).toEqual(every.map(({ step }) => step));
    expect(every.some(({ isPassedOver }) => isPassedOver)).toBe(false);
    const passed = adaptive.map(({ isPassedOver }) => isPassedOver ?? false);
    expect(passed.slice(0, 3)).toEqual([false, false, false]);
    expect(passed.filter(Boolean).length).toBeGreaterThan(8);
    // Nothing goes unheard: never three in a row.
    expect(passed.map((is) => (is ? 'x' : '.')).join('')).not.toContain('xxx');
  });

  it('refuses a longest step below the step or beyond the window', () => {
    for (const maxStepMs of [400, 1600]) {
      expect(() => new Windower({ maxStepMs })).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    }
  });
});
