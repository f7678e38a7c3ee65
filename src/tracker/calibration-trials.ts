import type { EmbeddedWindow } from '../native/types.js';
import { Cohort } from './cohort.js';
import type { ScoredTrial } from './fit-scoring.js';
import type { ModelIdentity, Profile } from './profile.js';
import { DEFAULT_SCORING, Scorer } from './scoring.js';
import { addScaled, dot, unit } from './vectors.js';
import { VoiceSet } from './voice-set.js';
import { DEFAULT_CALIBRATION } from './voice-scorer.js';

/** An enrolled speaker and other recordings of the same. */
export interface CalibrationPerson {
  readonly profile: Profile;
  readonly tests: readonly (readonly EmbeddedWindow[])[];
}

/** A comparison, and whose speech it is of: a position in the list of people. */
export interface LabelledTrial extends ScoredTrial {
  readonly speaker: number;
}

/** Windows pooled to one trial. */
const POOLED = [1, 2, 4, 8];
const MIN_SPEECH_RATIO = 0.5;
const WINDOW_SECONDS = 1.5;

/** Every stretch of 1, 2, 4 and 8 windows of the test recordings against every enrolled speaker. */
export function calibrationTrials(
  model: ModelIdentity,
  people: readonly CalibrationPerson[],
): LabelledTrial[] {
  const cohort = model.cohort ? new Cohort(model.cohort) : null;
  const scorer = new Scorer(model.calibration ?? DEFAULT_CALIBRATION, cohort, {
    ...DEFAULT_SCORING,
    impostorMean: 0,
    impostorDeviation: 1,
  });
  const voices = new VoiceSet(cohort);
  voices.enrol(people.map(({ profile }) => profile));
  const recordings = people.flatMap(({ tests }, speaker) => tests.map((test) => ({ test, speaker })));
  const trials: LabelledTrial[] = [];
  for (const [stream, { test, speaker }] of recordings.entries()) {
    for (const { direction, seconds } of stretches(test)) {
      const evidence = scorer.evidence(direction, seconds);
      for (const [other, voice] of voices.enrolled.entries()) {
        const score = scorer.standard(dot(direction, voice.centroid), voice, evidence);
        trials.push({ score, seconds, isSame: other === speaker, speaker, stream });
      }
    }
  }
  return trials;
}

function stretches(recording: readonly EmbeddedWindow[]): { direction: Float32Array; seconds: number }[] {
  const heard = recording.filter(
    ({ embedding, speechRatio }) => embedding !== null && speechRatio >= MIN_SPEECH_RATIO,
  );
  const result: { direction: Float32Array; seconds: number }[] = [];
  for (const count of POOLED) {
    for (let at = 0; at + count <= heard.length; at += count) {
      const part = heard.slice(at, at + count);
      const sum = new Float32Array(part[0]!.embedding!.length);
      for (const { embedding } of part) addScaled(sum, embedding!, 1);
      const first = part[0]!;
      const last = part.at(-1)!;
      const seconds = Math.max(WINDOW_SECONDS, (last.endSample - first.startSample) / 16_000);
      result.push({ direction: unit(sum), seconds });
    }
  }
  return result;
}
