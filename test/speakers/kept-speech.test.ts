import { describe, expect, it } from 'vitest';
import { KeptSpeech } from '../../src/speakers/kept-speech.js';
import type { EmbeddedWindow } from '../../src/native/types.js';

const SECOND = 16_000;
/** A sample says where in the stream it is, in seconds. */
const audio = (startSample: number, length: number) => ({
  startSample,
  samples: Float32Array.from({ length }, (_, i) => (startSample + i) / SECOND),
});
const windowAt = (startSample: number): EmbeddedWindow => ({
  startSample,
  endSample: startSample + 1.5 * SECOND,
  speechRatio: 1,
  embedding: null,
  step: { startSample, endSample: startSample + 8000, speech: new Uint8Array(50) },
});

describe('KeptSpeech', () => {
  it('keeps the sound of windows and half a second before', () => {
    const kept = new KeptSpeech(10);
    for (let at = 0; at < 40 * SECOND; at += 1000) {
      kept.audio(audio(at, 1000));
      if (at === 3 * SECOND || at === 30 * SECOND) kept.add(windowAt(at - 2 * SECOND));
    }
    kept.add(windowAt(SECOND));
    expect(kept.pieces.map(({ samples, leadSamples }) => [samples[0], leadSamples, samples.length])).toEqual([
      [0.5, 8000, 2 * SECOND],
      [27.5, 8000, 2 * SECOND],
    ]);
  });

  it('spreads what it keeps evenly over a recording of any length', () => {
    const kept = new KeptSpeech(8);
    for (let at = 0; at < 300 * SECOND; at += 8000) {
      kept.audio(audio(at, 8000));
      kept.add(windowAt(at - SECOND));
    }
    const starts = kept.pieces.map(({ window }) => window.startSample / SECOND);
    expect(starts.length).toBeGreaterThan(4);
    expect(starts.length).toBeLessThanOrEqual(8);
    const gaps = starts.slice(1).map((start, i) => start - starts[i]!);
    expect(new Set(gaps).size).toBe(1);
    expect(starts.at(-1)! + gaps[0]!).toBeGreaterThan(295);
  });

  it('takes nothing from before a gap for what is after it', () => {
    const kept = new KeptSpeech(8);
    kept.audio(audio(0, 4 * SECOND));
    kept.audio(audio(10 * SECOND, 3 * SECOND));
    kept.add(windowAt(10 * SECOND));
    kept.add(windowAt(9 * SECOND));
    expect(kept.pieces.map(({ samples, leadSamples }) => [samples[0], leadSamples])).toEqual([[10, 0]]);
  });
});
