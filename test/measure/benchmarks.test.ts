import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomModel, TINY } from '../../measure/random-model.js';
import { benchmarksDocument } from '../../measure/speed/document/document.js';
import {
  mergeSections,
  readSections,
  whyNoDocument,
  writeSections,
  type Section,
  type Stamp,
} from '../../measure/speed/document/kept.js';
import { partsOf } from '../../measure/speed/document/parts.js';
import { weightsFingerprint } from '../../measure/speed/document/stamp.js';
import { goalsTable } from '../../measure/speed/goals.js';
import { speechWindows } from '../../measure/speed/quantised/calibration.js';
import { cpuShare, takeTurns, turnsTable } from '../../measure/speed/turns.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-benchmarks-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const STAMP: Stamp = {
  commit: 'aaaa',
  day: '2026-01-01',
  machine: 'a machine',
  weights: 'w1',
  isQuick: false,
};
const section = (output: string, stamp: Partial<Stamp> = {}, results: Section['results'] = {}): Section => ({
  stamp: { ...STAMP, ...stamp },
  load: 0.5,
  output,
  results,
});

describe('the benchmark’s kept sections', () => {
  it('a section measured again takes the place of the kept one, the others keep their stamps', () => {
    const kept = new Map([
      ['B', section('old B')],
      ['A', section('old A')],
      ['no more', section('gone')],
    ]);
    const measured = new Map([['B', section('new B', { commit: 'bbbb' })]]);
    const merged = mergeSections(kept, measured, ['A', 'B', 'never measured']);
    expect([...merged].map(([title, { output, stamp }]) => [title, output, stamp.commit])).toEqual([
      ['A', 'old A', 'aaaa'],
      ['B', 'new B', 'bbbb'],
    ]);
  });

  it('come back from their file as they were', () => {
    const file = join(folder, 'benchmarks.json');
    expect(readSections(file).size).toBe(0);
    const sections = new Map([['A', section('| a |\n|---|', {}, { 'resnet34 fp32': 0.3 })]]);
    writeSections(file, sections);
    expect(readSections(file)).toEqual(sections);
  });

  it('no document is made of different weights, of quick and whole runs, or without a section', () => {
    const whole = new Map([
      ['A', section('a')],
      ['B', section('b', { commit: 'bbbb', day: '2026-01-02' })],
    ]);
    expect(whyNoDocument(whole, ['A', 'B'])).toBeUndefined();
    expect(whyNoDocument(whole, ['A', 'B', 'C'])).toBe('not measured yet: C');
    const others = new Map([...whole, ['C', section('c', { weights: 'w2' })]]);
    expect(whyNoDocument(others, [])).toMatch(/different weights \(w1: A; B \/ w2: C\)/);
    const quick = new Map([...whole, ['C', section('c', { isQuick: true })]]);
    expect(whyNoDocument(quick, [])).toMatch(/a whole run: A; B \/ a quick run: C/);
  });

  it('the fingerprint is of weights alone, in files and in memory', () => {
    const models = join(folder, 'models');
    mkdirSync(join(models, 'segmentation'), { recursive: true });
    writeFileSync(join(models, 'model.safetensors'), 'one');
    writeFileSync(join(models, 'segmentation/model.safetensors'), 'two');
    const of = (seed = 1): string => weightsFingerprint(models, randomModel(TINY, seed));
    const first = of();
    writeFileSync(join(models, 'config.json'), '{}');
    expect(of()).toBe(first);
    expect(of(2)).not.toBe(first);
    writeFileSync(join(models, 'segmentation/model.safetensors'), 'other');
    expect(of()).not.toBe(first);
  });
});

describe('the benchmark’s document', () => {
  const sections = new Map([
    ['A', section('table of A', {}, { 'resnet34 int8': 0.5 })],
    ['B', section('table of B', { commit: 'bbbb', day: '2026-01-02' }, { 'resnet34 fp32': 0.4 })],
  ]);

  it('says which sections are of which commit, and has goals, notes and sections', () => {
    const text = benchmarksDocument(sections, 'Why so.\n');
    expect(text).toContain('| A | aaaa | 2026-01-01 | a machine | 0.5 |');
    expect(text).toContain('| B | bbbb | 2026-01-02 | a machine | 0.5 |');
    expect(text).toContain('`w1`');
    expect(text).toContain('Why so.');
    expect(text).toMatch(/## A\n\ntable of A\n\n## B\n\ntable of B\n$/);
    expect(text).toMatch(/share of onnxruntime-node’s int8 time \| at most 0.55 \| 0.50 \| yes/);
    expect(text).toMatch(/share of onnxruntime-node’s fp32 time \| at most 0.33 \| 0.40 \| \*\*no\*\*/);
    expect(text).not.toContain('quick');
  });

  it('says all where all is of one commit, and that a run was quick', () => {
    const text = benchmarksDocument(new Map([['A', section('a', { isQuick: true })]]), '');
    expect(text).toContain('| all | aaaa |');
    expect(text).toContain('A quick run');
  });

  it('multiplies what one core carries before the section that follows the streams', () => {
    const streams = section('table', {}, { 'streams bundled a core: whospeaks int8': 200 });
    const text = benchmarksDocument(
      new Map([
        ['Live streams', streams],
        ['Around the network', section('after')],
      ]),
      '',
    );
    // 10,000 / (0.8 x 200) cores; 3600 / 200 s.
    expect(text).toMatch(
      /## Live streams\n\ntable\n\n## Many streams, on paper[^#]*\| bundled model, int8 \| 200.0 \| 18 \| 63 \| 160,000 \|\n\n## Around/,
    );
    expect(benchmarksDocument(sections, '')).not.toContain('on paper');
  });

  it('every title is there once', () => {
    const titles = partsOf('audio').map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

it('goals that want at least are reached above, and those without a measurement are named', () => {
  const table = goalsTable(
    new Map([
      ['two threads gain', 1.9],
      ['streams resnet34 int8', 5.9],
    ]),
  );
  expect(table).toMatch(/two threads: times one thread \| at least 1.85 \| 1.90 \| yes/);
  expect(table).toMatch(/ResNet34, int8: times sherpa-onnx-node’s fp32 \| at least 6 \| 5.90 \| \*\*no\*\*/);
  expect(table).toMatch(/Not measured here: .*loading ResNet34 from its file/);
});

describe('taking turns', () => {
  it('all run in each round, and the rounds to warm up are not counted', async () => {
    const ran: string[] = [];
    const runner = (name: string) => () => Promise.resolve(ran.push(name));
    const times = await takeTurns({ a: runner('a'), b: runner('b') }, { rounds: 2, warmUp: 1 });
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(times.get('a')!.clockMs).toHaveLength(2);
    expect(times.get('b')!.cpuMs).toHaveLength(2);
  });

  it('shares are of neighbours: the median of the rounds’ own', () => {
    const times = new Map([
      ['ours', { clockMs: [1, 1, 1], cpuMs: [1, 6, 3] }],
      ['theirs', { clockMs: [1, 1, 1], cpuMs: [2, 10, 4] }],
    ]);
    expect(cpuShare(times, 'ours', 'theirs')).toBeCloseTo(0.6, 6);
    expect(turnsTable(times, { ours: 'theirs' })).toContain('| 0.50 / 0.60 / 0.75 | theirs |');
  });
});

it('without the folder of speech, the examples’ own recordings calibrate, and others check', async () => {
  const { calibration, check } = await speechWindows(join(folder, 'none'));
  expect(calibration.length).toBeGreaterThan(10);
  expect(check.length).toBeGreaterThan(10);
  for (const window of [...calibration, ...check]) expect(window).toHaveLength(148 * 80);
  // Means are subtracted, as the network wants it.
  const mean = calibration[0]!.filter((_, i) => i % 80 === 0).reduce((a, b) => a + b, 0) / 148;
  expect(Math.abs(mean)).toBeLessThan(1e-3);
  const key = (window: Float32Array): string => window.slice(0, 80).join();
  const calibrated = new Set(calibration.map(key));
  expect(check.some((window) => calibrated.has(key(window)))).toBe(false);
});
