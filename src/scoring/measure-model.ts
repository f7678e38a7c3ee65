import { setImmediate as othersTurn } from 'node:timers/promises';
import { telephone } from '../acoustics/telephone.js';
import { recordingFeatures } from '../native/recording.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { Calibration, Scoring } from '../model/types.js';
import { heardElsewhere } from '../speakers/augmentation.js';
import type { EmbeddedWindow } from '../native/types.js';
import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { addScaled, dot, unit } from '../vectors.js';
import { Cohort } from './cohort.js';
import type { CohortVoices } from './cohort-voices.js';
import { fitCalibration } from './fit-calibration.js';
import { fitScoring, type ScoredTrial } from './fit-scoring.js';
import { ENROLMENT_SECONDS, Scorer } from './scorer.js';
import { enrolledVoice } from './voice.js';

/** What a model's scores mean, measured on voices that it was not made with. */
export interface ModelMeasures {
  /** Unit embeddings, one a speaker. */
  readonly cohort: readonly Float32Array[];
  readonly scoring: Scoring;
  readonly calibration: Calibration;
}

export interface MeasureOptions {
  /** Called as windows are heard: a share, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** A window of the live path. */
const WINDOW_SECONDS = 1.5;
const WINDOW_SAMPLES = WINDOW_SECONDS * SAMPLE_RATE_HZ;
/**
 * Share of the other speakers, the most alike, whom a voice is told from. People who meet share a language, a place and often
 * a microphone; those of the package are of many. Chosen by the Cllr of `evaluate trials --llr` on voices of no training set.
 */
const ALIKE_SHARE = 0.1;
/** Windows that wait for the network together. */
const TOGETHER = 16;
/** Mean square of the voices: they were packed at one level. */
const SPEECH_POWER = 0.05 ** 2;
/** Passes over all speakers: five windows of each, and two more in three places. */
const ROUNDS = 11;

/** What was heard of one speaker: the first recording enrols, the second is compared with the enrolled. */
interface HeardSpeaker {
  /** L2-normalised, as a profile's centroid. */
  readonly centroid: Float32Array;
  /** For the cohort. */
  readonly own: Float32Array;
  /** What was said in the second recording, in one place each. */
  readonly streams: readonly (readonly Stretch[])[];
}

interface Stretch {
  readonly direction: Float32Array;
  readonly seconds: number;
}

/**
 * Measures a model that came without: its cohort, what one person's and different people's scores are by seconds of speech, in
 * quiet, in rooms, in noise and on the telephone, and what the cosine of one window is worth. 300 speakers take some 3,300
 * windows. Rejects with what the model rejects with.
 */
export async function measureModel(
  model: WindowEmbedder,
  voices: CohortVoices,
  { onProgress }: MeasureOptions = {},
): Promise<ModelMeasures> {
  const heard = await hear(model, voices, onProgress);
  const trials: ScoredTrial[] = [];
  const targets: number[] = [];
  const impostors: number[] = [];
  // Nobody is measured against a cohort with themselves in it: each half of the speakers has the other's.
  for (const half of [0, 1]) {
    const cohort = new Cohort(heard.filter((_, i) => i % 2 !== half).map(({ own }) => own));
    const scorer = new Scorer({ scale: 1, offset: -1 }, cohort, UNSCALED);
    const speakers = heard.filter((_, i) => i % 2 === half);
    const enrolled = speakers.map(({ centroid }, id) =>
      enrolledVoice(cohort, { centroid, speechSeconds: ENROLLED_SECONDS }, id),
    );
    for (const [speaker, { streams }] of speakers.entries()) {
      for (const [place, stretches] of streams.entries()) {
        for (const { direction, seconds } of stretches) {
          const evidence = scorer.evidence(direction, seconds);
          const scored = enrolled.map((voice) => {
            const cosine = dot(direction, voice.centroid);
            return { cosine, score: scorer.standard(cosine, voice, evidence), isSame: voice.id === speaker };
          });
          const stream = (2 * speaker + half) * streams.length + place;
          const others = scored.filter(({ isSame }) => !isSame).sort((x, y) => y.score - x.score);
          const alike = others.slice(0, Math.ceil(ALIKE_SHARE * others.length));
          for (const { cosine, score, isSame } of [scored[speaker]!, ...alike]) {
            trials.push({ score, seconds: worthOf(seconds), isSame, stream });
            if (seconds === WINDOW_SECONDS) (isSame ? targets : impostors).push(cosine);
          }
        }
      }
      await othersTurn();
    }
  }
  return {
    cohort: heard.map(({ own }) => own),
    scoring: fitScoring(trials),
    calibration: fitCalibration(targets, impostors),
  };
}

/** AS-norm scores as they are. */
const UNSCALED: Scoring = {
  impostorMean: 0,
  impostorDeviation: 1,
  genuineMean: 0,
  genuineGrowth: 0,
  turnDeviation: 1,
  streamDeviation: 0,
};
/** Speech behind each enrolled voice. */
const ENROLLED_SECONDS = 3;

/** What so many seconds are worth against so short an enrolment, as `Scorer.genuine` has it. */
function worthOf(seconds: number): number {
  return 1 / (1 / seconds + 1 / ENROLLED_SECONDS - 1 / ENROLMENT_SECONDS);
}

async function hear(
  model: WindowEmbedder,
  { speakers }: CohortVoices,
  onProgress?: (share: number) => void,
): Promise<HeardSpeaker[]> {
  const first = (samples: Float32Array): Float32Array => samples.subarray(0, WINDOW_SAMPLES);
  const last = (samples: Float32Array): Float32Array => samples.subarray(-WINDOW_SAMPLES);
  let rounds = 0;
  const round = async (windows: readonly Float32Array[]): Promise<Float32Array[]> => {
    const embeddings: Float32Array[] = [];
    for (let at = 0; at < windows.length; at += TOGETHER) {
      const some = windows.slice(at, at + TOGETHER);
      embeddings.push(...(await Promise.all(some.map((samples) => embedded(model, samples)))));
      onProgress?.((rounds + embeddings.length / windows.length) / ROUNDS);
    }
    rounds++;
    return embeddings;
  };
  const elsewhere = async (windows: readonly Float32Array[]): Promise<Float32Array[][]> => {
    const pieces = windows.map((samples) => ({ samples, leadSamples: 0, window: pieceWindow(samples) }));
    const lists = await heardElsewhere(model, pieces, SPEECH_POWER);
    rounds += 3;
    onProgress?.(rounds / ROUNDS);
    return lists;
  };
  const a = speakers.map(([enrolment]) => enrolment);
  const b = speakers.map(([, test]) => test);
  const a1 = await round(a.map(first));
  const a2 = await round(a.map(last));
  const b1 = await round(b.map(first));
  const b2 = await round(b.map(last));
  const phone = await round(b.map((samples) => telephone(first(samples))));
  const aElsewhere = await elsewhere(a.map(first));
  const bElsewhere = await elsewhere(b.map(first));
  onProgress?.(1);
  return speakers.map((_, i) => {
    const places = [...bElsewhere.map((list) => list[i]!), phone[i]!];
    const centroid = meanOf([
      [a1[i]!, 0.5],
      [a2[i]!, 0.5],
      ...aElsewhere.map((list) => [list[i]!, 1] as const),
    ]);
    const own = meanOf([a1[i]!, a2[i]!, b1[i]!, b2[i]!].map((embedding) => [embedding, 1] as const));
    const quiet = [
      { direction: b1[i]!, seconds: WINDOW_SECONDS },
      { direction: b2[i]!, seconds: WINDOW_SECONDS },
      {
        direction: meanOf([
          [b1[i]!, 1],
          [b2[i]!, 1],
        ]),
        seconds: 3,
      },
    ];
    return {
      centroid,
      own,
      streams: [quiet, ...places.map((direction) => [{ direction, seconds: WINDOW_SECONDS }])],
    };
  });
}

async function embedded(model: WindowEmbedder, samples: Float32Array): Promise<Float32Array> {
  const { features, frames } = await recordingFeatures(samples, SAMPLE_RATE_HZ, 1);
  return (await model.embedWindow({ ...pieceWindow(samples), features, frames, samples })).embedding;
}

/** A window that is all speech. */
function pieceWindow(samples: Float32Array): EmbeddedWindow {
  const place = { startSample: 0, endSample: samples.length };
  return { ...place, speechRatio: 1, embedding: null, step: { ...place, speech: new Uint8Array(0) } };
}

function meanOf(parts: readonly (readonly [embedding: Float32Array, weight: number])[]): Float32Array {
  const sum = new Float32Array(parts[0]![0].length);
  for (const [embedding, weight] of parts) addScaled(sum, embedding, weight);
  return unit(sum);
}
