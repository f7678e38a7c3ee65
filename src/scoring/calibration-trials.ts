import type { EmbeddedWindow } from '../native/types.js';
import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import { Cohort } from './cohort.js';
import type { ScoredTrial } from './fit-scoring.js';
import type { ModelIdentity, Profile } from '../speakers/profile.js';
import { DEFAULT_SCORING, Scorer } from './scorer.js';
import { SpeechTrack } from '../fbank/speech-track.js';
import { addScaled, dot, unit } from '../vectors.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { enrolledVoice } from './voice.js';

/** An enrolled speaker and other recordings of the same. */
export interface CalibrationPerson {
  readonly profile: Profile;
  readonly tests: readonly (readonly EmbeddedWindow[])[];
}

/** A comparison, and the speaker of its speech: a position in the list of speakers. */
export interface LabelledTrial extends ScoredTrial {
  readonly speaker: number;
}

/** Windows pooled to one trial. */
const POOLED = [1, 2, 4, 8];
/** Share of speech that a window needs to be used in a calibration. */
const MIN_SPEECH_RATIO = 0.5;

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
  const voices = people.map(({ profile }, id) => enrolledVoice(cohort, profile, id));
  const recordings = people.flatMap(({ tests }, speaker) => tests.map((test) => ({ test, speaker })));
  const trials: LabelledTrial[] = [];
  for (const [stream, { test, speaker }] of recordings.entries()) {
    for (const { direction, seconds } of stretches(test)) {
      const evidence = scorer.evidence(direction, seconds);
      for (const [other, voice] of voices.entries()) {
        const score = scorer.standard(dot(direction, voice.centroid), voice, evidence);
        trials.push({ score, seconds, isSame: other === speaker, speaker, stream });
      }
    }
  }
  return trials;
}

interface Stretch {
  readonly direction: Float32Array;
  /** Net speech, as the tracker counts it: pauses are none, and what several windows hold counts once. */
  readonly seconds: number;
}

function stretches(recording: readonly EmbeddedWindow[]): Stretch[] {
  const track = trackOf(recording);
  const heard = recording.filter(
    ({ embedding, speechRatio }) => embedding !== null && speechRatio >= MIN_SPEECH_RATIO,
  );
  const result: Stretch[] = [];
  for (const count of POOLED) {
    for (let at = 0; at + count <= heard.length; at += count) {
      const part = heard.slice(at, at + count);
      const sum = new Float32Array(part[0]!.embedding!.length);
      let frames = 0;
      let heardTo = -Infinity;
      for (const { embedding, startSample, endSample } of part) {
        addScaled(sum, embedding!, 1);
        frames += track.speechFrames(Math.max(heardTo, startSample), endSample);
        heardTo = endSample;
      }
      result.push({ direction: unit(sum), seconds: (frames * SHIFT_SAMPLES) / SAMPLE_RATE_HZ });
    }
  }
  return result;
}

/** The speech gate's flags of a whole recording. */
function trackOf(recording: readonly EmbeddedWindow[]): SpeechTrack {
  const startSample = recording[0]?.step.startSample ?? 0;
  const endSample = recording.at(-1)?.step.endSample ?? startSample;
  const track = new SpeechTrack(Math.ceil((endSample - startSample) / SHIFT_SAMPLES), startSample);
  for (const { step } of recording) track.append(step);
  return track;
}
