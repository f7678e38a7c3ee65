import { describe, expect, it } from 'vitest';
import { detChart, lineChart, timelineChart } from '../../src/evaluate/index.js';
import { turnsOf } from './turns-of.js';

/** Numbers of every `points` attribute. */
function polylines(svg: string): number[][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    points!.split(/[ ,]/).map(Number),
  );
}

/** Every element is closed, in order. */
function wellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, end, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
    if (end) {
      if (open.pop() !== name) return false;
    } else if (!self) open.push(name!);
  }
  return open.length === 0;
}

describe('lineChart', () => {
  const chart = lineChart({
    title: 'A & <B>',
    x: { label: 'x', low: 0, high: 10 },
    y: { label: 'y', low: 0, high: 1 },
    series: [
      {
        name: 'one',
        points: [
          [0, 0],
          [10, 1],
          [5, NaN],
        ],
      },
      { name: 'two', points: [[5, 0.5]], marks: 'points' },
    ],
  });

  it('is well-formed, and escapes what it is told', () => {
    expect(wellFormed(chart)).toBe(true);
    expect(chart).toContain('A &#38; &#60;B&#62;');
    expect(chart).not.toContain('NaN');
  });

  it('draws a line from corner to corner', () => {
    const [line] = polylines(chart);
    expect(line!.length).toBe(4);
    expect(line![0]).toBeLessThan(line![2]!);
    expect(line![1]).toBeGreaterThan(line![3]!);
    expect(chart.match(/<circle/g)?.length).toBe(1);
  });

  it('puts round numbers on its axes', () => {
    for (const tick of ['>0</text>', '>2</text>', '>10</text>', '>0.2</text>', '>1.0</text>'])
      expect(chart).toContain(tick);
  });
});

describe('detChart', () => {
  it('names each system with its equal error rate', () => {
    const svg = detChart('DET', [
      { name: 'ours', trials: { targets: [1, 2, 3, 4], impostors: [0, 1.5, -1, 2.5] } },
    ]);
    expect(wellFormed(svg)).toBe(true);
    expect(svg).toMatch(/ours, EER \d+\.\d\d %/);
    expect(polylines(svg)[0]!.length).toBeGreaterThan(4);
  });
});

describe('timelineChart', () => {
  it('has a bar for each turn, one colour for each name, grey for the unknown', () => {
    const svg = timelineChart(
      'talk',
      [
        { name: 'truth', turns: turnsOf('ann 0 2, ben 2 4, ann 4 6') },
        { name: 'told', turns: turnsOf('ann 0 3, unknown-1 3 6') },
        { name: 'silent', turns: [] },
      ],
      60,
    );
    expect(wellFormed(svg)).toBe(true);
    expect(svg.match(/fill="#0072b2"/g)?.length).toBe(3);
    expect(svg.match(/fill="#d55e00"/g)?.length).toBe(1);
    expect(svg.match(/fill="#999999"/g)?.length).toBe(1);
    expect(svg).toContain('1:00');
  });
});
