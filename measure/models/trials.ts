import { basename, dirname } from 'node:path';
import { fromFile } from 'whospeaks';
import { calibrationError, equalErrorRate, likelihoodCost, minimumLikelihoodCost } from 'whospeaks/evaluate';
import { Random } from '../../src/acoustics/random.js';
import type { SpeakerModel } from '../../src/native/speaker-model.js';
import { sideComparer, sideOf, type Side } from '../../src/scoring/verify.js';
import type { Voice } from '../accuracy/cast.js';
import type { Cache } from '../accuracy/embed.js';

/** Rates of pairs of different people that are called the same, as they are asked for. */
export const ASKED = [0.01] as const;

/** Recordings of a speaker that are compared with those that the voice is enrolled from. */
const MOST_UTTERANCES = 4;
const IMPOSTOR_PAIRS = 4000;

/** What `verify` makes of pairs of recordings. */
export interface VerificationFigures {
  readonly targets: number;
  readonly impostors: number;
  readonly equalErrorRate: number;
  /** Of `logLikelihoodRatio`, bits. */
  readonly cost: number;
  readonly leastCost: number;
  /** Of `probability`, pairs of one person and of two weighing the same in all. */
  readonly calibrationError: number;
  /** Share of the impostors that are called the same, for each rate of `ASKED`. */
  readonly falseAccepts: readonly number[];
  /** Share of the targets that are not, for each rate. */
  readonly misses: readonly number[];
}

/** One recording as `verify` hears it. */
interface Heard {
  readonly voice: Voice;
  readonly side: Side;
}

/**
 * Every speaker's enrolment against what the speaker says in other recordings, and against what others of the same corpus
 * say there: they share its language and its microphones, as people who meet do.
 */
export async function verification(
  model: SpeakerModel,
  voices: readonly Voice[],
  cache: Cache,
  key: string,
): Promise<VerificationFigures> {
  const hear = (paths: readonly string[], voice: Voice): Promise<Heard>[] =>
    paths.map(async (path) => ({
      voice,
      side: await cache.get(['side', key, path], () => sideOf(model, fromFile(path), 'measure', 'heard')),
    }));
  const enrolled: Heard[] = [];
  const said: Heard[] = [];
  for (const voice of voices) {
    enrolled.push(...(await Promise.all(hear(voice.enrolment, voice))));
    said.push(...(await Promise.all(hear(voice.utterances.slice(0, MOST_UTTERANCES), voice))));
  }
  return figuresOf(model, pairsOf(enrolled.filter(isEnough), said.filter(isEnough)));
}

function isEnough({ side }: Heard): boolean {
  return side.profile !== null;
}

interface Pair {
  readonly a: Side;
  readonly b: Side;
  readonly same: boolean;
}

function pairsOf(enrolled: readonly Heard[], said: readonly Heard[]): Pair[] {
  const random = new Random(1);
  const pairs = enrolled.flatMap((a) =>
    said
      .filter((b) => corpusOf(a.voice) === corpusOf(b.voice))
      .map((b) => ({ a: a.side, b: b.side, same: a.voice === b.voice })),
  );
  const impostors = random.shuffled(pairs.filter(({ same }) => !same)).slice(0, IMPOSTOR_PAIRS);
  return [...pairs.filter(({ same }) => same), ...impostors];
}

/** CORPUS/SPEAKER/FILE. */
function corpusOf({ enrolment }: Voice): string {
  return basename(dirname(dirname(enrolment[0]!)));
}

function figuresOf(model: SpeakerModel, pairs: readonly Pair[]): VerificationFigures {
  const [targets, impostors] = [true, false].map((wanted) => pairs.filter(({ same }) => same === wanted)) as [
    Pair[],
    Pair[],
  ];
  const called = (rate: number, some: readonly Pair[]): number => {
    const compare = sideComparer(model, { falseAcceptRate: rate });
    return some.filter(({ a, b }) => compare(a, b).same).length / some.length;
  };
  const compare = sideComparer(model);
  const told = pairs.map(({ a, b, same }) => ({ ...compare(a, b), truth: same }));
  const ratios = (wanted: boolean): number[] =>
    told.filter(({ truth }) => truth === wanted).map(({ logLikelihoodRatio }) => logLikelihoodRatio!);
  const trials = { targets: ratios(true), impostors: ratios(false) };
  const claims = told.map(({ probability, truth }) => ({
    probability: probability!,
    right: truth,
    seconds: 1 / (truth ? targets : impostors).length,
  }));
  return {
    targets: targets.length,
    impostors: impostors.length,
    equalErrorRate: equalErrorRate(trials).rate,
    cost: likelihoodCost(trials),
    leastCost: minimumLikelihoodCost(trials),
    calibrationError: calibrationError(claims).rate,
    falseAccepts: ASKED.map((rate) => called(rate, impostors)),
    misses: ASKED.map((rate) => 1 - called(rate, targets)),
  };
}
