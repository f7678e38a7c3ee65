import { z } from 'zod';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { parseOptions } from '../options.js';
import { modelSchema, type EnrollModel } from '../speakers/enroll.js';
import type { ModelIdentity, Profile } from '../speakers/profile.js';
import { SpeakerIndex } from '../speakers/speaker-index.js';
import { Cohort } from './cohort.js';
import { IMPOSTOR, Impostors } from './impostors.js';
import { Scorer } from './scorer.js';
import { saidBy, scoreOf, sideOf, type Side, type VerifyInput } from './verify.js';
import { enrolledVoice, type Voice } from './voice.js';

export interface FindOptions {
  /** How many are told at most, 1 to 1000; default 5. */
  readonly count?: number | undefined;
  /** Share of strangers' recordings that may get a name, whoever's, 0 to 1; default 0.01. */
  readonly falseAcceptRate?: number | undefined;
}

/** A speaker who may be the voice of a recording. */
export interface FoundVoice {
  readonly speaker: string;
  readonly cosine: number;
  /** Natural logarithm: how much likelier what was heard is of this speaker than of somebody else. */
  readonly logLikelihoodRatio: number;
  /** That it is this speaker, where half of all recordings are strangers' and all speakers are as likely before; 0 to 1. */
  readonly probability: number;
}

/** Whose voice a recording is. */
export interface FoundVoices {
  /** The speaker to name, at `falseAcceptRate` over all of them; null: a stranger, or too little speech. */
  readonly named: string | null;
  /** The likeliest first. */
  readonly speakers: readonly FoundVoice[];
  /** That it is none of them; null where there is too little speech. */
  readonly strangerProbability: number | null;
  /** Net speech, seconds. */
  readonly seconds: number;
}

/** Enrolled speakers who can be looked through fast: made once for many recordings. */
export interface SpeakerCatalogue {
  readonly index: SpeakerIndex;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** More than are told are compared closely: the order by cosine is not that of what scores mean. */
const CLOSELY_COMPARED = 50;
/** Share of recordings that are strangers', before anything is heard. */
const STRANGERS = 0.5;

const schema = z.strictObject({
  count: z.int().min(1).max(1000).default(5),
  falseAcceptRate: z.number().gt(0).lt(1).default(0.01),
});

/**
 * Whose voice is in a recording, of many enrolled speakers? A million are looked through by their index.
 *
 * @param speakers profiles, or what `speakerCatalogue` made of them
 * Rejects with `invalid-option`, `model-mismatch`, `speaker-exists` (two of one name), or what the source and the model reject with.
 */
export async function findSpeakers(
  model: EnrollModel,
  recording: VerifyInput,
  speakers: readonly Profile[] | SpeakerCatalogue,
  options: FindOptions = {},
): Promise<FoundVoices> {
  parseOptions('findSpeakers', z.object({ model: modelSchema }), { model });
  const checked = parseOptions('findSpeakers', schema, options);
  const catalogue = 'index' in speakers ? speakers : speakerCatalogue(model, speakers);
  return rankSpeakers(model, await sideOf(model, recording, 'findSpeakers', 'only'), catalogue, checked);
}

/** @throws {WhospeaksError} `model-mismatch`, `speaker-exists`, `addon-missing` */
export function speakerCatalogue(model: ModelIdentity, profiles: readonly Profile[]): SpeakerCatalogue {
  const index = new SpeakerIndex({ model, dimension: profiles[0]?.dimension ?? 1 });
  index.add(profiles);
  return { index, profiles: new Map(profiles.map((profile) => [profile.name, profile])) };
}

function rankSpeakers(
  model: ModelIdentity,
  said: Side,
  { index, profiles }: SpeakerCatalogue,
  { count, falseAcceptRate }: z.output<typeof schema>,
): FoundVoices {
  if (said.direction === null || index.size === 0) {
    return {
      named: null,
      speakers: [],
      strangerProbability: said.direction === null ? null : 1,
      seconds: said.seconds,
    };
  }
  const cohort = model.cohort ? new Cohort(model.cohort) : null;
  const scorer = new Scorer(model.calibration ?? DEFAULT_CALIBRATION, cohort, model.scoring);
  const evidence = saidBy(scorer, said);
  // Those near, and those that are compared with each other, are often the same: how a voice lies to the cohort is found once.
  const voices = new Map<string, Voice>();
  const voiceOf = (profile: Profile): Voice => {
    const there = voices.get(profile.name) ?? enrolledVoice(cohort, profile);
    voices.set(profile.name, there);
    return there;
  };
  const near = index.candidates(said.direction, Math.max(count, CLOSELY_COMPARED));
  const scored = near.map(({ speaker }) => {
    const profile = profiles.get(speaker)!;
    const score = scoreOf(scorer, voiceOf(profile), evidence);
    const genuine = scorer.genuine(said.seconds, profile.speechSeconds);
    return { speaker, ...score, logLikelihoodRatio: scorer.logOdds(score.standard, genuine) };
  });
  scored.sort((a, b) => b.logLikelihoodRatio - a.logLikelihoodRatio || b.standard - a.standard);
  // Those that are not near weigh next to nothing.
  const weight = (logRatio: number): number => ((1 - STRANGERS) / index.size) * Math.exp(logRatio);
  const total =
    STRANGERS + scored.reduce((sum, { logLikelihoodRatio }) => sum + weight(logLikelihoodRatio), 0);
  const best = scored[0]!;
  // The test of a live turn's name.
  const some = [...profiles.values()].slice(0, IMPOSTOR.compared).map(voiceOf);
  const impostors = new Impostors(scorer, some, falseAcceptRate, index.size);
  return {
    named: best.standard >= impostors.threshold(said.seconds) ? best.speaker : null,
    speakers: scored.slice(0, count).map(({ speaker, cosine, logLikelihoodRatio }) => ({
      speaker,
      cosine,
      logLikelihoodRatio,
      probability: weight(logLikelihoodRatio) / total,
    })),
    strangerProbability: STRANGERS / total,
    seconds: said.seconds,
  };
}
