import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { parseOptions } from '../options.js';
import {
  MIN_ENROLL_SECONDS,
  modelSchema,
  profileOfHeard,
  speechSecondsIn,
  type EnrollModel,
} from '../speakers/enroll.js';
import { hearVoice } from '../speakers/hear-voice.js';
import { assertSameModel, type ModelIdentity, type Profile } from '../speakers/profile.js';
import { middleOf, voicedIn } from '../speakers/voiced.js';
import { fromSamples } from '../stream/source.js';
import type { AudioSource } from '../stream/types.js';
import { dot } from '../vectors.js';
import { Cohort } from './cohort.js';
import { Scorer } from './scorer.js';
import { enrolledVoice, type Evidence, type Voice } from './voice.js';

/** One side of a comparison: a recording of one voice, mono samples at 16 kHz, or an enrolled speaker. */
export type VerifyInput = AudioSource | Float32Array | Profile;

export interface VerifyOptions {
  /** Share of pairs of different people that may be called the same, 0 to 1; default 0.01. */
  readonly falseAcceptRate?: number | undefined;
  /** Probability, before anything is heard, that it is one person, 0 to 1; default 0.5. */
  readonly prior?: number | undefined;
}

/** What is told of two voices whatever the answer. */
export interface ComparedVoices {
  /** Net speech of either side, seconds. */
  readonly secondsA: number;
  readonly secondsB: number;
  /** What would make the answer surer, a sentence each; empty where all is well. */
  readonly advice: readonly string[];
}

/** Whether two voices are one person's. Where there is too little speech, `same` is null, and so are the numbers. */
export type Verification =
  | (ComparedVoices & {
      /** Decided at `falseAcceptRate`. */
      readonly same: boolean;
      /** Of the embeddings, -1 to 1. */
      readonly cosine: number;
      /** Natural logarithm: how much likelier what was heard is of one person than of two. */
      readonly logLikelihoodRatio: number;
      /** That it is one person, given `prior`; 0 to 1. */
      readonly probability: number;
    })
  | (ComparedVoices & {
      readonly same: null;
      readonly cosine: null;
      readonly logLikelihoodRatio: null;
      readonly probability: null;
    });

/** Speech from which more changes little. */
const GOOD_SECONDS = 6;

const share = z.number().gt(0).lt(1);
const schema = z.strictObject({ falseAcceptRate: share.default(0.01), prior: share.default(0.5) });

/**
 * Is it one person? What a score means comes from the model's cohort and scoring, and from how much speech there is on
 * either side. The order of the two does not matter.
 *
 * Rejects with `invalid-option`, `model-mismatch` (a profile of another model), or what a source and the model reject with.
 */
export async function verify(
  model: EnrollModel,
  a: VerifyInput,
  b: VerifyInput,
  options: VerifyOptions = {},
): Promise<Verification> {
  parseOptions('verify', z.object({ model: modelSchema }), { model });
  const checked = parseOptions('verify', schema, options);
  const first = await sideOf(model, a, 'verify', 'first');
  const second = await sideOf(model, b, 'verify', 'second');
  return sideComparer(model, checked)(first, second);
}

/** One side as it was heard. */
export interface Side {
  /** As enrolment hears it: what the other side is compared with. Null: too little speech. */
  readonly profile: Pick<Profile, 'centroid' | 'speechSeconds'> | null;
  /** As it is, L2-normalised. Of an enrolled speaker the same as the profile. */
  readonly direction: Float32Array | null;
  readonly seconds: number;
}

/** Hears one side; `call` and `which` side it is stand in the errors. Rejects as `verify`. */
export async function sideOf(
  model: EnrollModel,
  input: VerifyInput,
  call: string,
  which: string,
): Promise<Side> {
  if (isProfile(input)) {
    assertSameModel(model, [input]);
    return { profile: input, direction: input.centroid, seconds: input.speechSeconds };
  }
  if (!(input instanceof Float32Array) && !isSource(input)) {
    throw new WhospeaksError(
      'invalid-option',
      `${call}: the ${which} voice: expected an AudioSource, a Float32Array of samples at 16 kHz, or a Profile`,
    );
  }
  const { windows, elsewhere } = await hearVoice(model, isSource(input) ? input : fromSamples(input));
  const voiced = voicedIn([windows]);
  try {
    const profile = profileOfHeard(model, 'voice', [{ windows, elsewhere }]);
    return { profile, direction: middleOf(voiced), seconds: profile.speechSeconds };
  } catch (error) {
    if (!(error instanceof WhospeaksError) || error.code !== 'speech-too-short') throw error;
    return { profile: null, direction: null, seconds: speechSecondsIn(windows) };
  }
}

/** Compares sides with this model's cohort and scoring, made ready once for many pairs. */
export function sideComparer(
  model: ModelIdentity,
  options: VerifyOptions = {},
): (a: Side, b: Side) => Verification {
  const { falseAcceptRate, prior } = parseOptions('verify', schema, options);
  const cohort = model.cohort ? new Cohort(model.cohort) : null;
  const scorer = new Scorer(model.calibration ?? DEFAULT_CALIBRATION, cohort, model.scoring);
  const acceptAt = scorer.acceptAt(falseAcceptRate, 1);
  const priorLogOdds = Math.log(prior / (1 - prior));
  return (a, b) => {
    const heard = { secondsA: a.seconds, secondsB: b.seconds, advice: adviceOf(a, b) };
    if (a.profile === null || b.profile === null) {
      return { ...heard, same: null, cosine: null, logLikelihoodRatio: null, probability: null };
    }
    // Each in turn is the enrolled one, so that the order does not matter.
    const scores = [
      scoreOf(scorer, enrolledVoice(cohort, a.profile), saidBy(scorer, b)),
      scoreOf(scorer, enrolledVoice(cohort, b.profile), saidBy(scorer, a)),
    ];
    const standard = (scores[0]!.standard + scores[1]!.standard) / 2;
    const logLikelihoodRatio = scorer.logOdds(standard, scorer.genuine(a.seconds, b.seconds));
    return {
      ...heard,
      same: standard >= acceptAt,
      cosine: (scores[0]!.cosine + scores[1]!.cosine) / 2,
      logLikelihoodRatio,
      probability: 1 / (1 + Math.exp(-logLikelihoodRatio - priorLogOdds)),
    };
  };
}

/** What `said` scores with a speaker as enrolled: the cosine, and standardised. */
export function scoreOf(scorer: Scorer, voice: Voice, said: Evidence): { cosine: number; standard: number } {
  const cosine = Math.max(-1, Math.min(1, dot(voice.centroid, said.direction)));
  return { cosine, standard: scorer.standard(cosine, voice, said) };
}

/** A side as what was said; one with enough speech. */
export function saidBy(scorer: Scorer, { direction, seconds }: Side): Evidence {
  return scorer.evidence(direction!, seconds);
}

function adviceOf(a: Side, b: Side): string[] {
  return [a, b].flatMap(({ profile, seconds }, i) => {
    const which = i === 0 ? 'first' : 'second';
    if (profile === null) {
      return [
        `the ${which} recording has ${seconds.toFixed(1)} s of speech: too little to compare, at least ${MIN_ENROLL_SECONDS} s are needed`,
      ];
    }
    if (seconds >= GOOD_SECONDS) return [];
    return [
      `the ${which} recording has ${seconds.toFixed(1)} s of speech; ${GOOD_SECONDS} s or more are surer`,
    ];
  });
}

function isProfile(input: VerifyInput): input is Profile {
  return (input as Profile | null)?.centroid instanceof Float32Array;
}

function isSource(input: VerifyInput): input is AudioSource {
  return typeof (input as AudioSource | null)?.[Symbol.asyncIterator] === 'function';
}
