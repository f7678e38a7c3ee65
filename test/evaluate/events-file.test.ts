import { describe, expect, it } from 'vitest';
import {
  calibrationError,
  claimsOf,
  finalDelay,
  readEvents,
  turnsOfEvents,
} from '../../src/evaluate/index.js';
import { turnsOf } from './turns-of.js';

const said = (type: string, turn: number, speaker: string, start: number, end: number, more: object = {}) =>
  JSON.stringify({
    type,
    turn,
    revision: type === 'tentative' ? 0 : 1,
    startSample: start * 16_000,
    endSample: end * 16_000,
    atSample: (end + 1) * 16_000,
    speaker,
    known: !speaker.startsWith('unknown'),
    score: 0.5,
    probability: 0.8,
    overlap: false,
    others: [],
    ...more,
  });

const TEXT = [
  said('tentative', 0, 'alice', 0, 1),
  said('final', 0, 'alice', 0, 3, { start: 0, end: 3 }),
  '',
  said('final', 1, 'unknown-1', 3, 5, { others: ['alice'], overlap: true }),
  '{"type":"silence","startSample":80000,"atSample":90000}',
  '{"type":"lag","startSample":1,"lostSamples":2}',
  said('correction', 1, 'dana', 3, 5, { was: 'unknown-1' }),
].join('\n');

describe('readEvents', () => {
  it('reads what listen --json prints, and passes over other types', () => {
    expect(readEvents(TEXT).map(({ type }) => type)).toEqual([
      'tentative',
      'final',
      'final',
      'silence',
      'correction',
    ]);
  });

  it.each([
    ['nonsense', /x.jsonl, line 2: not a JSON object with a "type"/],
    ['[1]', /line 2: not a JSON object/],
    ['{"type":"silence","startSample":-1,"atSample":2}', /line 2: silence event, "startSample"/],
    [said('final', 0, 'a', 0, 1, { probability: 2 }), /line 2: final event, "probability"/],
    [said('final', 0, '', 0, 1), /line 2: final event, "speaker"/],
    [said('final', 0, 'a', 0, 1, { speech: [] }), /line 2: final event, "speech"/],
    [
      said('final', 0, 'a', 0, 1, { speech: [{ startSample: 0 }] }),
      /line 2: final event, "speech.0.endSample"/,
    ],
  ])('names the line of %s', (line, message) => {
    expect(() => readEvents(`\n${line}`, 'x.jsonl')).toThrow(message);
    expect(() => readEvents(`\n${line}`, 'x.jsonl')).toThrow(
      expect.objectContaining({ code: 'annotation-format' }),
    );
  });
});

describe('turnsOfEvents', () => {
  const labels = (options?: object) => turnsOfEvents(readEvents(TEXT), options).map(({ speaker }) => speaker);
  it('takes the finals as they were said', () => {
    expect(labels()).toEqual(['alice', 'unknown-1']);
    expect(turnsOfEvents(readEvents(TEXT))[0]).toMatchObject({
      startSeconds: 0,
      endSeconds: 3,
      probability: 0.8,
    });
  });
  it('takes corrections, and those who speak beside, where asked', () => {
    expect(labels({ corrected: true })).toEqual(['alice', 'dana']);
    expect(labels({ others: true })).toEqual(['alice', 'unknown-1', 'alice']);
  });
});

describe('turnsOfEvents with speech', () => {
  const second = (start: number, end: number) => ({ startSample: start * 16_000, endSample: end * 16_000 });
  const events = readEvents(
    [
      said('final', 0, 'alice', 0, 3, { speech: [second(0, 1), second(2, 3)], others: ['bob'] }),
      said('final', 1, 'unknown-1', 3, 5),
      said('correction', 0, 'dana', 0, 3, { was: 'alice' }),
    ].join('\n'),
  );
  const turns = (options: object) =>
    turnsOfEvents(events, options).map((t) => [t.speaker, t.startSeconds, t.endSeconds]);

  it('has a turn for each stretch, and the whole turn of a file that has none', () => {
    expect(turns({ speech: true })).toEqual([
      ['alice', 0, 1],
      ['alice', 2, 3],
      ['unknown-1', 3, 5],
    ]);
    expect(turns({})).toEqual([
      ['alice', 0, 3],
      ['unknown-1', 3, 5],
    ]);
  });

  it('corrects each of them, and has those who speak beside in each', () => {
    expect(turns({ speech: true, corrected: true, others: true })).toEqual([
      ['dana', 0, 1],
      ['dana', 2, 3],
      ['bob', 0, 1],
      ['bob', 2, 3],
      ['unknown-1', 3, 5],
    ]);
  });

  it('takes an older file, which says of the whole turn that two are heard', () => {
    const [told] = readEvents(said('final', 0, 'alice', 0, 3, { overlap: true, speech: [second(0, 2)] }));
    expect(told).toMatchObject({ overlaps: [{ ...second(0, 2), other: null }] });
  });

  it('has those who speak beside where they do, if the file says where and who', () => {
    const overlaps = [
      { ...second(1, 2), other: 'bob' },
      { ...second(2, 3), other: null },
    ];
    const told = readEvents(said('final', 0, 'alice', 0, 4, { overlap: true, others: ['bob'], overlaps }));
    expect(told[0]).toMatchObject({ overlaps });
    expect(turnsOfEvents(told, { others: true })).toMatchObject([
      { speaker: 'alice', startSeconds: 0, endSeconds: 4 },
      { speaker: 'bob', startSeconds: 1, endSeconds: 2 },
    ]);
    expect(turnsOfEvents(told)).toHaveLength(1);
    expect(() => readEvents(said('final', 0, 'a', 0, 1, { overlaps: [second(0, 1)] }))).toThrow(
      /line 1: final event, "overlaps.0.other"/,
    );
  });
});

describe('finalDelay', () => {
  it('counts to when the right name was settled, and misses what never is', () => {
    const events = readEvents(TEXT);
    expect(finalDelay(turnsOf('alice 0 3, eve 3 5'), events, ['alice'])).toMatchObject({
      changes: 2,
      missed: 0,
      delaysSeconds: [4, 3],
    });
    expect(finalDelay(turnsOf('alice 0 3, bob 3 5'), events, ['alice', 'bob'])).toMatchObject({ missed: 1 });
  });
});

describe('claims and calibration', () => {
  const told = (speaker: string, startSeconds: number, endSeconds: number, probability: number) => ({
    speaker,
    startSeconds,
    endSeconds,
    probability,
  });
  const reference = turnsOf('alice 0 4, bob 4 6, eve 6 10');

  it('is right where most of the speech in the turn is', () => {
    const claims = claimsOf(
      reference,
      [
        told('alice', 0, 5, 0.9),
        told('bob', 3, 6, 0.7),
        told('unknown-2', 6, 10, 0.6),
        told('eve', 6, 10, 0.5),
        told('alice', 11, 12, 1),
      ],
      ['alice', 'bob'],
    );
    expect(claims.map(({ right }) => right)).toEqual([true, true, true, false]);
    expect(claims.map(({ seconds }) => seconds)).toEqual([5, 3, 4, 4]);
  });

  it('is the gap between what was stated and what was right, weighted by seconds', () => {
    const claims = [
      { probability: 0.95, right: true, seconds: 6 },
      { probability: 0.95, right: false, seconds: 2 },
      { probability: 0.15, right: false, seconds: 2 },
    ];
    // |0.95 - 0.75| * 0.8 + |0.15 - 0| * 0.2
    const { rate, bins } = calibrationError(claims);
    expect(rate).toBeCloseTo(0.19, 12);
    expect(bins[9]).toMatchObject({ seconds: 8, right: 0.75 });
    expect(calibrationError([{ probability: 1, right: true, seconds: 1 }]).rate).toBe(0);
    expect(calibrationError([]).rate).toBe(0);
  });
});
