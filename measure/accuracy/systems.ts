import type { IdentifyEvent, ModelIdentity, Profile } from 'whospeaks';
import { Tracker } from 'whospeaks/stages';
import {
  baselineEvents,
  bestCosine,
  incrementalClustering,
  LAG_STEPS,
  speakerManager,
  type Baseline,
} from '../baselines/index.js';
import { codeFingerprint, type Cache } from './embed.js';
import type { Recording } from './recordings.js';
import { quickDiarizationRate, quickErrorRate } from './frames.js';
import type { Answer } from './score.js';

/** A way to hear a recording, given who is enrolled. */
export type System = (recording: Recording, speakers: readonly Profile[]) => IdentifyEvent[];

/** Our tracker. `options`: of the `Tracker`, beside its speakers and model. */
export function tracker(model: ModelIdentity, options: object = {}): System {
  return ({ windows }, speakers) => {
    const ours = new Tracker({ speakers, model, ...options });
    return [...windows.flatMap((window) => ours.push(window)), ...ours.flush()];
  };
}

export type Who = (recording: Recording) => readonly Profile[];
/** As `enroll` makes them, heard elsewhere too. */
export const ourProfiles: Who = ({ enrolled }) => enrolled;
/** Of the recordings as they are, as the baselines are described. */
export const plainProfiles: Who = ({ plain }) => plain;

/** Every recording through the system, with those enrolled whom `who` names. */
export function answersOf(
  recordings: readonly Recording[],
  system: System,
  who: Who = ourProfiles,
): Answer[] {
  return recordings.map((recording) => ({ recording, events: system(recording, who(recording)) }));
}

export interface TunedBaseline {
  readonly letter: string;
  readonly name: string;
  readonly source: string;
  /** The parameters that did best on the tuning half, and how many were tried. */
  readonly parameters: Record<string, number>;
  readonly tried: number;
  readonly system: System;
  /** Whom it knows of a recording. */
  readonly who: Who;
}

/** Where the other parameters are searched; then the lag is, with them. */
const MIDDLE_LAG_STEPS = 1;

/** The three baselines with the parameters that do best on `recordings`; the search is kept in the cache. */
export async function tunedBaselines(
  recordings: readonly Recording[],
  cache: Cache,
  key: string,
  who: Who,
): Promise<TunedBaseline[]> {
  return [
    await tuned('a', bestCosine, recordings, cache, key, who),
    await tuned('b', incrementalClustering, recordings, cache, key, who),
    await tuned('c', speakerManager, recordings, cache, key, who),
  ];
}

const nobody: Who = () => [];

/** Baseline (b) with nobody enrolled. */
export function tunedClustering(
  recordings: readonly Recording[],
  cache: Cache,
  key: string,
): Promise<TunedBaseline> {
  return tuned('b', incrementalClustering, recordings, cache, key, nobody, true);
}

async function tuned<Parameters extends object>(
  letter: string,
  baseline: Baseline<Parameters>,
  recordings: readonly Recording[],
  cache: Cache,
  key: string,
  who: Who,
  unsupervised = false,
): Promise<TunedBaseline> {
  const code = codeFingerprint(['measure/baselines', 'measure/accuracy/frames.ts']);
  const heard = recordings.map((recording) => [
    recording.id,
    recording.turns,
    who(recording).map(({ name, centroid }) => [name, centroid[0]]),
  ]);
  const errorOf = (parameters: Parameters, lagSteps: number): number => {
    const system = systemOf(baseline, parameters, lagSteps);
    const answers = answersOf(recordings, system, who);
    return unsupervised ? quickDiarizationRate(answers) : quickErrorRate(answers);
  };
  const best = await cache.get([key, code, heard, baseline.name, unsupervised, baseline.grid], () => {
    const atMiddle = least(baseline.grid, (parameters) => errorOf(parameters, MIDDLE_LAG_STEPS));
    return Promise.resolve({
      parameters: atMiddle,
      lagSteps: least(LAG_STEPS, (lagSteps) => errorOf(atMiddle, lagSteps)),
    });
  });
  return {
    letter,
    name: baseline.name,
    source: baseline.source,
    parameters: { ...(best.parameters as Record<string, number>), lagSteps: best.lagSteps },
    tried: baseline.grid.length + LAG_STEPS.length,
    system: systemOf(baseline, best.parameters, best.lagSteps),
    who,
  };
}

function least<Item>(items: readonly Item[], cost: (item: Item) => number): Item {
  const costs = items.map(cost);
  return items[costs.indexOf(Math.min(...costs))]!;
}

function systemOf<Parameters>(
  baseline: Baseline<Parameters>,
  parameters: Parameters,
  lagSteps: number,
): System {
  return ({ windows }, speakers) => baselineEvents(windows, baseline.create(speakers, parameters), lagSteps);
}
