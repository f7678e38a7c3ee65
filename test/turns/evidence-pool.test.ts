import { describe, expect, test } from 'vitest';
import { EvidencePool } from '../../src/turns/evidence-pool.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import { dot, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { randomVoice } from '../tracker/synthetic.js';

const SECOND = 16_000;
const random = randomNumbers(52);
const own = randomVoice(random);
const other = randomVoice(random);
const mixed = unit(Float32Array.from(own, (x, i) => x + other[i]!));

/** Four seconds of speech; the turn is the first two. */
function pool(): EvidencePool {
  const track = new SpeechTrack(1000);
  track.append({ startSample: 0, endSample: 4 * SECOND, speech: new Uint8Array(400).fill(1) });
  return new EvidencePool(track);
}

describe('the evidence of a turn', () => {
  test('leaves out a window over its edge where enough lie inside', () => {
    const evidence = pool();
    evidence.add(0, SECOND, own);
    evidence.add(0.5 * SECOND, 1.5 * SECOND, own);
    evidence.add(1.4 * SECOND, 2.4 * SECOND, mixed);
    expect(dot(evidence.pooled(0, 2 * SECOND)!.direction, own)).toBeCloseTo(1, 6);
  });

  test('takes it where there is little else', () => {
    const evidence = pool();
    evidence.add(0, SECOND, own);
    evidence.add(1.4 * SECOND, 2.4 * SECOND, mixed);
    expect(dot(evidence.pooled(0, 2 * SECOND)!.direction, other)).toBeGreaterThan(0.2);
  });

  test('is its own as long as it may be open, also in steps of 0.1 s', () => {
    const track = new SpeechTrack(2000);
    track.append({ startSample: 0, endSample: 14 * SECOND, speech: new Uint8Array(1400).fill(1) });
    const evidence = new EvidencePool(track);
    // The first speaks for 3 s, the second for 11.
    for (let end = 1.5; end <= 14; end += 0.1) {
      evidence.add((end - 1.5) * SECOND, end * SECOND, end <= 3 ? own : end >= 4.5 ? other : mixed);
    }
    expect(dot(evidence.pooled(0, 3 * SECOND)!.direction, own)).toBeGreaterThan(0.99);
  });
});
