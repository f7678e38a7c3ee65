import { describe, expect, it } from 'vitest';
import { equalErrorRate, readTrials, trialsOf } from '../../src/evaluate/index.js';

describe('readTrials', () => {
  it('reads pairs of files', () => {
    expect(readTrials('1 a.wav b.wav\n;; a comment\nnontarget a.wav c.wav\n')).toEqual({
      kind: 'pairs',
      pairs: [
        { line: 1, target: true, a: 'a.wav', b: 'b.wav' },
        { line: 3, target: false, a: 'a.wav', b: 'c.wav' },
      ],
    });
  });

  it('reads scores', () => {
    const list = readTrials('target 0.9\n0 0.1\nimpostor -0.2');
    expect(list).toEqual({ kind: 'scores', trials: { targets: [0.9], impostors: [0.1, -0.2] } });
    if (list.kind === 'scores') expect(equalErrorRate(list.trials).rate).toBe(0);
  });

  it.each([
    ['1 a b\n2 a b', /t.txt, line 2: label "2" is none of 1, target/],
    ['1 a b\n0 a', /line 2: expected a label and two files, found 2 fields/],
    ['1 0.5\n0 much', /line 2: expected a label and a score/],
    ['1 0.5\n0 a b', /line 2: expected a label and a score/],
  ])('names the line of a fault: %j', (text, message) => {
    expect(() => readTrials(text, 't.txt')).toThrow(message);
    expect(() => readTrials(text)).toThrow(expect.objectContaining({ code: 'annotation-format' }));
  });

  it.each(['', '1 a b', '0 0.3'])('refuses a list without both kinds: %j', (text) => {
    expect(() => readTrials(text)).toThrow(expect.objectContaining({ code: 'annotation-empty' }));
  });

  it('splits scores by class', () => {
    expect(() => trialsOf([{ target: true, score: 1 }])).toThrow(/no impostor trials/);
  });
});
