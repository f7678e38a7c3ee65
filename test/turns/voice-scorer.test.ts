import { expect, test } from 'vitest';
import { TurnVoice, Heard } from '../../src/turns/turn-voice.js';
import { unit } from '../../src/vectors.js';
import { inConversation, VoiceScorer } from '../../src/turns/voice-scorer.js';
import type { Voice } from '../../src/scoring/voice.js';

/** A voice along the first axis, and a window at this cosine to it. */
const voice = (): Voice => ({
  id: 1,
  label: 'alice',
  known: true,
  centroid: Float32Array.of(1, 0),
  seconds: 60,
  stats: null,
});
const windowAt = (cosine: number): Heard =>
  new Heard(unit(Float32Array.of(cosine, Math.sqrt(1 - cosine ** 2))));

test('in a conversation a window speaks for a voice from 0.85 of the threshold on', () => {
  const calibration = { scale: 16, offset: -8 };
  const who = voice();
  const odds = (scorer: VoiceScorer, cosine: number): number =>
    scorer.logOdds(windowAt(cosine), [{ who, voice: TurnVoice.SILENT, share: 1 }]);
  const clean = new VoiceScorer(calibration);
  const conversation = new VoiceScorer(inConversation(calibration));
  expect(odds(clean, 0.5)).toBeCloseTo(0, 5);
  expect(odds(conversation, 0.425)).toBeCloseTo(0, 5);
  expect(odds(conversation, 0.45)).toBeGreaterThan(0);
  expect(odds(clean, 0.45)).toBeLessThan(0);
  // As steep as before.
  expect(odds(conversation, 0.45)).toBeCloseTo(odds(clean, 0.525), 5);
});
