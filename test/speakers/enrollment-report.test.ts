import { describe, expect, test } from 'vitest';
import { HELD, LIKELY, SPEECH } from '../../src/fbank/index.js';
import { enrollmentReport } from '../../src/speakers/enrollment-report.js';
import { profileOf } from '../../src/speakers/index.js';
import { RecordingQuality, signalToNoiseDb } from '../../src/speakers/recording-quality.js';
import { secondVoiceShare } from '../../src/speakers/second-voice.js';
import type { Voiced } from '../../src/speakers/voiced.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(77);
const [A, B] = [randomVoice(random), randomVoice(random)];

function heardIn(parts: readonly Part[], overlap?: number): Voiced[] {
  return windowsOf(parts).flatMap(({ embedding }) =>
    embedding === null ? [] : [{ embedding, overlap, weight: 1 }],
  );
}

function vectorsOf(parts: readonly Part[]): Float32Array[] {
  return heardIn(parts).map(({ embedding }) => embedding);
}

/** Sound of about the amplitude that is given for each sample: seldom as loud as that, as speech is. */
function sound(length: number, amplitude: (sample: number) => number): Float32Array {
  const random = randomNumbers(5);
  return Float32Array.from({ length }, (_, i) => {
    const sign = random() < 0.5 ? -1 : 1;
    return (sign * amplitude(i) * Math.log(1 - random())) / Math.log(length);
  });
}

/** A second of speech at amplitude `speech`, a second of noise at `noise`, both cut off at `most`; `constant` is added. */
function measured(speech: number, noise: number, { most = 1, constant = 0 } = {}): RecordingQuality {
  const quality = new RecordingQuality();
  const samples = sound(32_000, (i) => (i < 16_000 ? speech : noise)).map(
    (x) => Math.max(-most, Math.min(most, x)) + constant,
  );
  // Cut where no frame ends.
  quality.audio({ startSample: 0, samples: samples.subarray(0, 12_345) });
  quality.audio({ startSample: 12_345, samples: samples.subarray(12_345) });
  const flags = Uint8Array.from({ length: 200 }, (_, i) => (i < 100 ? 1 : 0));
  quality.flags({ startSample: 0, endSample: 32_000, speech: flags });
  return quality;
}

describe('an enrolment is judged by', () => {
  test('its level above the noise', () => {
    expect(signalToNoiseDb([measured(0.5, 0.05)])).toBeCloseTo(20, 0);
    expect(signalToNoiseDb([measured(0.1, 0.05)])).toBeLessThan(6);
    expect(signalToNoiseDb([measured(0.05, 0.1)])).toBeCloseTo(-10, 6);
    // A microphone's offset is no noise.
    expect(signalToNoiseDb([measured(0.5, 0.05, { constant: 0.02 })])).toBeCloseTo(20, 0);
  });

  test('noise that is heard; nobody who never pauses is judged', () => {
    const quality = new RecordingQuality();
    quality.audio({ startSample: 0, samples: new Float32Array(16_000).fill(0.1) });
    quality.flags({ startSample: 0, endSample: 16_000, speech: new Uint8Array(100).fill(1) });
    expect(signalToNoiseDb([quality])).toBeUndefined();
  });

  test('all the speech that is heard, sure or likely, and nothing that is held', () => {
    const judged = (flag: number): number | undefined => {
      const quality = new RecordingQuality();
      const samples = sound(48_000, (i) => (i < 16_000 ? 0.5 : i < 32_000 ? 0.1 : 0.05));
      quality.audio({ startSample: 0, samples });
      const speech = Uint8Array.from({ length: 300 }, (_, i) => (i < 100 ? SPEECH : i < 200 ? flag : 0));
      quality.flags({ startSample: 0, endSample: 48_000, speech });
      return signalToNoiseDb([quality]);
    };
    expect(judged(LIKELY)).toBeCloseTo(judged(SPEECH)!, 6);
    expect(judged(HELD)).toBeGreaterThan(judged(SPEECH)! + 2);
  });

  test('what was heard after a gap as what was heard before it', () => {
    const quality = new RecordingQuality();
    for (const startSample of [480_000, 960_000]) {
      const samples = sound(32_000, (i) => (i < 16_000 ? 0.5 : 0.05));
      quality.audio({ startSample, samples });
      const speech = Uint8Array.from({ length: 200 }, (_, i) => (i < 100 ? SPEECH : 0));
      quality.flags({ startSample, endSample: startSample + 32_000, speech });
    }
    expect(quality.sums.speech.frames).toBe(200);
    expect(signalToNoiseDb([quality])).toBeCloseTo(20, 0);
  });

  test('what was clipped', () => {
    expect(measured(1, 0.1).clippedShare).toBe(0);
    // Louder and louder: each peak is the loudest so far.
    const rising = new RecordingQuality();
    rising.audio({ startSample: 0, samples: sound(64_000, (i) => i / 64_000) });
    expect(rising.clippedShare).toBe(0);
    const tone = new RecordingQuality();
    tone.audio({
      startSample: 0,
      samples: Float32Array.from({ length: 64_000 }, (_, i) => (i * Math.sin(i)) / 64_000),
    });
    expect(tone.clippedShare).toBeLessThan(0.005);
    // A third of the samples of the first second: made louder, and quieter again.
    for (const most of [1, 0.02]) {
      expect(measured(10 * most, most, { most }).clippedShare).toBeCloseTo(0.18, 2);
    }
  });

  test('a second voice, and not by single odd windows', () => {
    const alone = vectorsOf([{ voice: A, seconds: 12 }]);
    expect(secondVoiceShare(alone, MODEL.calibration)).toBe(0);
    const odd = alone.map((vector, i) => (i % 5 === 0 ? randomVoice(random) : vector));
    expect(secondVoiceShare(odd, MODEL.calibration)).toBe(0);
    const two = vectorsOf([
      { voice: A, seconds: 12 },
      { voice: B, seconds: 5 },
    ]);
    expect(secondVoiceShare(two, MODEL.calibration)).toBeGreaterThan(0.12);
    const asMuch = vectorsOf([
      { voice: A, seconds: 8 },
      { voice: B, seconds: 8 },
    ]);
    expect(secondVoiceShare(asMuch, MODEL.calibration)).toBeCloseTo(0.5, 1);
  });

  test('two voices at once, over all windows that say, where that is much', () => {
    const parts = [{ voice: A, seconds: 12 }];
    const profile = profileOf(MODEL, 'alice', [windowsOf(parts)]);
    const report = (overlaps: readonly number[]) => {
      const windows = heardIn(parts).map(({ embedding }, i) => ({
        embedding,
        overlap: overlaps[i % overlaps.length],
        weight: 1,
      }));
      return enrollmentReport(MODEL, profile, windows, [measured(0.5, 0.01)], []);
    };
    expect(report([0.02, 0.06]).overlapShare).toBeCloseTo(0.04, 2);
    expect(report([0.02, 0.06]).advice).toEqual([]);
    expect(report([0.14]).advice).toEqual([]);
    expect(report([0.16]).advice).toEqual([
      expect.stringMatching(/two voices are heard at once in about 16 %/),
    ]);
  });

  test('whether a voice is heard at all: of a saw that passes for speech no moment is surely speech', () => {
    const parts = [{ voice: A, seconds: 12 }];
    const profile = profileOf(MODEL, 'alice', [windowsOf(parts)]);
    const advice = (surely: number): readonly string[] => {
      const quality = new RecordingQuality();
      quality.audio({ startSample: 0, samples: sound(16_000, () => 0.5) });
      const speech = Uint8Array.from({ length: 100 }, (_, i) => (i < surely ? SPEECH : LIKELY));
      quality.flags({ startSample: 0, endSample: 16_000, speech });
      return enrollmentReport(MODEL, profile, heardIn(parts), [quality], []).advice;
    };
    expect(advice(20)).toEqual([]);
    expect(advice(3)).toEqual([expect.stringMatching(/hardly any of it is surely speech/)]);
  });

  test('all of it together, with advice for each', () => {
    const parts = [
      { voice: A, seconds: 12 },
      { voice: B, seconds: 5 },
    ];
    const profile = profileOf(MODEL, 'alice', [windowsOf(parts)]);
    const others = [profileFor('bob', B), profileFor('al', A)];
    const report = enrollmentReport(
      MODEL,
      profile,
      heardIn(parts, 0.4),
      [measured(9, 5, { most: 0.5 })],
      others,
    );
    expect(report.closest?.name).toBe('al');
    expect(report.advice.join('\n')).toMatch(
      /another voice.*\n.*two voices are heard at once in about 40 %.*\n.*the noise.*\n.*clipped.*\n.*sounds like "al"/s,
    );
    const clean = profileOf(MODEL, 'alice', [windowsOf(parts.slice(0, 1))]);
    const good = enrollmentReport(MODEL, clean, heardIn(parts.slice(0, 1)), [measured(0.5, 0.01)], []);
    expect(good.advice).toEqual([]);
    expect(good.overlapShare).toBeUndefined();
    expect(good.closest).toBeUndefined();
  });
});
