import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  diarizationError,
  equalErrorRate,
  jaccardError,
  likelihoodCost,
  minimumDetectionCost,
  minimumLikelihoodCost,
  operatingPoints,
  type ScoringOptions,
  type Turn,
} from '../../src/evaluate/index.js';
import { randomNumbers } from '../random.js';

const random = randomNumbers(2026);
const below = (n: number): number => Math.floor(random() * n);

interface DetectionCase {
  targets: number[];
  impostors: number[];
  targetPrior: number;
}

/** Scores on a coarse grid, so that many are equal, or continuous. */
function detectionCase(i: number): DetectionCase {
  const grid = [5, 20, 0][i % 3]!;
  const score = (mean: number): number => {
    const x = mean + random() + random() - 1;
    return grid === 0 ? x : Math.round(x * grid) / grid;
  };
  const shift = random() * 1.2 - 0.2;
  return {
    targets: Array.from({ length: 1 + below(60) }, () => score(shift)),
    impostors: Array.from({ length: 1 + below(120) }, () => score(0)),
    targetPrior: [0.01, 0.05, 0.5][below(3)]!,
  };
}

type DiarizationCase = Required<ScoringOptions> & { reference: Turn[]; hypothesis: Turn[] };

/** Turns of several speakers that overlap each other, though none himself. */
function conversation(speakers: number, prefix: string): Turn[] {
  return Array.from({ length: speakers }, (_, s) => {
    const turns: Turn[] = [];
    for (let at = random() * 10; at < 60;) {
      const endSeconds = at + 0.2 + random() * 8;
      turns.push({ speaker: `${prefix}${s}`, startSeconds: at, endSeconds });
      at = endSeconds + 0.1 + random() * 15;
    }
    return turns;
  }).flat();
}

/** The reference with its edges moved, some turns lost and some under another label. */
function guess(reference: readonly Turn[]): Turn[] {
  let at = 0;
  return [...reference]
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .flatMap((turn) => {
      const startSeconds = Math.max(at, turn.startSeconds + random() - 0.5);
      const endSeconds = turn.endSeconds + random() - 0.5;
      if (random() < 0.1 || endSeconds <= startSeconds) return [];
      at = endSeconds;
      return [{ speaker: random() < 0.2 ? `h${below(4)}` : `h-${turn.speaker}`, startSeconds, endSeconds }];
    });
}

function diarizationCase(i: number): DiarizationCase {
  const reference = conversation(1 + below(5), 'r');
  return {
    reference,
    hypothesis: i % 2 === 0 ? guess(reference) : conversation(1 + below(6), 'h'),
    collarSeconds: [0, 0.25, 0.1][i % 3]!,
    skipOverlap: i % 4 >= 2,
    scored:
      i % 5 === 0
        ? [
            { startSeconds: 5, endSeconds: 30 },
            { startSeconds: 40, endSeconds: 55 },
          ]
        : [{ startSeconds: 0, endSeconds: 80 }],
    unscored:
      i % 7 === 0
        ? [
            { startSeconds: 10, endSeconds: 12 },
            { startSeconds: 28, endSeconds: 33 },
          ]
        : [],
  };
}

interface Reference {
  detection: {
    rate: number;
    cost: number;
    det: [number, number][];
    likelihoodCost: number;
    minimumLikelihoodCost: number;
  }[];
  diarization: (Record<
    'rate' | 'totalSeconds' | 'missSeconds' | 'falseAlarmSeconds' | 'confusionSeconds',
    number
  > & {
    jaccard: number;
  })[];
}

const cases = {
  detection: Array.from({ length: 300 }, (_, i) => detectionCase(i)),
  diarization: Array.from({ length: 120 }, (_, i) => diarizationCase(i)),
};
const expected = JSON.parse(
  execFileSync('.venv/bin/python', ['test/parity/evaluate.py'], {
    input: JSON.stringify(cases),
    maxBuffer: 1 << 28,
  }).toString(),
) as Reference;

/** Largest difference over the cases; prints it, as a parity test should. */
function worst(name: string, got: number[], want: number[]): number {
  const difference = got.reduce((max, value, i) => Math.max(max, Math.abs(value - want[i]!)), 0);
  console.log(`${name}: ${got.length} cases, maximum difference ${difference.toExponential(2)}`);
  return difference;
}

describe('detection against scikit-learn', () => {
  it('gives the same equal error rate', () => {
    const got = cases.detection.map((c) => equalErrorRate(c).rate);
    expect(
      worst(
        'EER',
        got,
        expected.detection.map((e) => e.rate),
      ),
    ).toBeLessThan(1e-6);
    expect(new Set(got).size).toBeGreaterThan(100);
  });

  it('gives the same minimum detection cost', () => {
    const got = cases.detection.map((c) => minimumDetectionCost(c, { targetPrior: c.targetPrior }).cost);
    expect(
      worst(
        'minDCF',
        got,
        expected.detection.map((e) => e.cost),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each([
    ['likelihoodCost', likelihoodCost],
    ['minimumLikelihoodCost', minimumLikelihoodCost],
  ] as const)('gives the same %s', (name, ours) => {
    const want = expected.detection.map((e) => e[name]);
    expect(worst(name, cases.detection.map(ours), want)).toBeLessThan(1e-6);
    expect(new Set(want).size).toBeGreaterThan(100);
  });

  it('passes through the points of det_curve', () => {
    cases.detection.forEach((c, i) => {
      const ours = operatingPoints(c).map((p) => [p.falseAlarmRate, p.missRate] as const);
      for (const [fpr, fnr] of expected.detection[i]!.det) {
        expect(ours.some(([x, y]) => Math.abs(x - fpr) < 1e-9 && Math.abs(y - fnr) < 1e-9)).toBe(true);
      }
    });
  });
});

describe('diarization against pyannote.metrics', () => {
  const ours = cases.diarization.map((c) => ({
    ...diarizationError(c.reference, c.hypothesis, c),
    jaccard: jaccardError(c.reference, c.hypothesis, c).rate,
  }));
  it.each([
    'rate',
    'totalSeconds',
    'missSeconds',
    'falseAlarmSeconds',
    'confusionSeconds',
    'jaccard',
  ] as const)('gives the same %s', (key) => {
    const want = expected.diarization.map((e) => e[key]);
    expect(
      worst(
        key,
        ours.map((o) => o[key]),
        want,
      ),
    ).toBeLessThan(1e-6);
    expect(new Set(want).size).toBeGreaterThan(20);
  });
});
