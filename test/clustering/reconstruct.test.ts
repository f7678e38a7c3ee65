import { describe, expect, it } from 'vitest';
import { Breather } from '../../src/clustering/breather.js';
import { reconstruct } from '../../src/clustering/reconstruct.js';
import { DIARIZATION } from '../../src/clustering/settings.js';
import { people, recordingOf, type Script } from './voices.js';

const STEP = 290;
const settings = { ...DIARIZATION, maxGapSeconds: 0.3, minSegmentSeconds: 0.2 };
/** Of a frame: where its share of time begins, seconds. */
const at = (frame: number): number => (frame === 0 ? 0 : (360 + 270 * frame) / 16_000);

/** Segments where every local speaker is taken for the person of the script. */
function segmentsOf(scripts: readonly Script[], people2 = 3, probability = 0.9) {
  const recording = recordingOf(scripts, people(people2), STEP);
  const assignments = scripts.map((script) =>
    [...new Set(script.map(([person]) => person))].map((speaker) => ({ speaker, probability })),
  );
  const speakers = people(people2).map((embedding) => ({ profile: null, embeddings: [embedding] }));
  return reconstruct(recording, { speakers, assignments }, settings, new Breather());
}

describe('reconstruct', () => {
  it('gives what two windows agree on, from one to the other, without a seam', async () => {
    const [segment, ...more] = await segmentsOf([[[1, 200, 589]], [[1, 0, 100]]]);
    expect(more).toEqual([]);
    expect(segment!.speaker).toBe(1);
    expect(segment!.start).toBeCloseTo(at(200), 6);
    expect(segment!.probability).toBeCloseTo(0.9, 6);
    expect(segment!.end).toBeGreaterThan(at(STEP + 100) - 0.01);
  });

  it('gives overlapping segments where two talk at once', async () => {
    const segments = await segmentsOf([
      [
        [0, 0, 150],
        [2, 100, 250],
      ],
    ]);
    expect(segments.map(({ speaker }) => speaker)).toEqual([0, 2]);
    expect(segments[0]!.end).toBeCloseTo(at(150), 6);
    expect(segments[1]!.start).toBeCloseTo(at(100), 6);
  });

  it('bridges a short pause, keeps a long one, and drops a flicker', async () => {
    const segments = await segmentsOf([
      [
        [0, 0, 100],
        [0, 110, 150],
        [0, 180, 200],
        [0, 300, 305],
      ],
    ]);
    expect(segments.map(({ start, end }) => [start, end])).toEqual([
      [0, at(150)],
      [at(180), at(200)],
    ]);
  });

  it('ends no segment after the recording', async () => {
    const [segment] = await segmentsOf([[[0, 0, 589]]]);
    expect(segment!.end).toBeLessThanOrEqual((589 * 270 + 721) / 16_000);
  });

  it('keeps how many talk where windows disagree on who', async () => {
    const recording = recordingOf([[[0, 0, 589]], [[0, 0, 589]]], people(2), STEP);
    const speakers = people(2).map((embedding) => ({ profile: null, embeddings: [embedding] }));
    const assignments = [[{ speaker: 0, probability: 1 }], [{ speaker: 1, probability: 1 }]];
    const segments = await reconstruct(recording, { speakers, assignments }, settings, new Breather());
    const [first, second] = segments;
    expect(segments).toHaveLength(2);
    expect(second!.start).toBeCloseTo(first!.end, 6);
  });
});
