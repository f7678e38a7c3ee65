import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/tracker/weighed.js';
import { LabelGate, type Candidate } from '../../src/turns/label-gate.js';
import type { Belief } from '../../src/turns/turn-teller.js';

function belief(speaker: string): Belief {
  return { speaker, known: !speaker.startsWith('unknown') } as Belief;
}

/** A turn that goes on, told as `told`; how likely the label is right, and the very voice. */
function going(told: string, now: string, probability: number, voiceProbability = probability): Candidate {
  const verdict = { probability, voiceProbability } as Verdict;
  return {
    belief: belief(now),
    verdict,
    told: belief(told),
    heard: 300,
    atSample: 0,
    isFirst: false,
    isAfterPause: false,
  };
}

/** Whether each is told, one window after the other. */
function told(...candidates: readonly Candidate[]): boolean[] {
  const gate = new LabelGate();
  return candidates.map((candidate, i) => gate.opens({ ...candidate, atSample: i + 1 }));
}

describe('the label of a turn that goes on', () => {
  test('changes when two windows agree', () => {
    const change = going('alice', 'bob', 0.9);
    expect(told(change, change)).toEqual([false, true]);
    expect(told(change, going('alice', 'carol', 0.9), change)).toEqual([false, false, false]);
  });

  test('changes from one stranger to another, or to nobody in particular, only where that is likely', () => {
    const [perhaps, nobody] = [
      going('unknown-2', 'unknown-3', 1, 0.5),
      going('unknown-2', 'unknown', 1, 0.5),
    ];
    expect(told(perhaps, perhaps, nobody, nobody)).toEqual([false, false, false, false]);
    const likely = going('unknown-2', 'unknown-3', 1, 0.8);
    expect(told(likely, likely)).toEqual([false, true]);
    // The first label of its own is told as soon as there is one.
    const own = going('unknown', 'unknown-3', 1, 0.5);
    expect(told(own, own)).toEqual([false, true]);
  });

  test('does not change by one window that is looked at twice', () => {
    const gate = new LabelGate();
    const change = going('alice', 'bob', 0.9);
    expect([1, 1, 2].map((atSample) => gate.opens({ ...change, atSample }))).toEqual([false, false, true]);
  });

  test('is the new one at once where the user has said so, and stays it', () => {
    const gate = new LabelGate();
    gate.opens({ ...going('unknown-1', 'unknown-1', 0.9), atSample: 1 });
    gate.rename('unknown-1', 'dana');
    expect(gate.opens({ ...going('unknown-1', 'dana', 0.9), atSample: 1 })).toBe(true);
  });

  test('after a silence needs two windows again', () => {
    const gate = new LabelGate();
    const change = going('alice', 'bob', 0.9);
    gate.opens({ ...change, atSample: 1 });
    gate.rest();
    expect(gate.opens({ ...change, atSample: 2 })).toBe(false);
  });

  test('from a stranger to a speaker changes where that is likely, whatever the speaker’s share', () => {
    const change = going('unknown-1', 'alice', 0.7, 0.4);
    expect(told(change, change)).toEqual([false, true]);
  });
});
