import { Cohort } from '../scoring/cohort.js';
import { DEFAULT_SCORING, Scorer } from '../scoring/scorer.js';
import {
  enrolledPlace,
  placeOf,
  samePersonLogRatio,
  stretchPrecision,
  type Place,
} from '../scoring/two-covariance.js';
import { enrolledVoice } from '../scoring/voice.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { POWERSET } from '../native/powerset.js';
import type { ModelIdentity, Profile } from '../speakers/profile.js';
import { addScaled, dot, unit } from '../vectors.js';
import { countOf, FirstGuess } from './first-guess.js';
import { BLOCK, type Breather } from './breather.js';
import type { HeardRecording, HeardWindow, LocalVoice } from './recording-listener.js';
import { inferSpeakers, type InferenceOptions, type Observations } from './infer-speakers.js';
import type { DiarizationSettings } from './settings.js';

export interface ClusterOptions {
  readonly model: ModelIdentity;
  readonly profiles: readonly Profile[];
  /** How many speakers there are at the least, and at the most. */
  readonly least: number;
  readonly most: number;
  readonly settings: DiarizationSettings;
  readonly breather: Breather;
}

/** A speaker of the recording. */
export interface FoundSpeaker {
  /** The enrolled one that it is. */
  readonly profile: Profile | null;
  /** What was heard of it, L2-normalised, in order of how surely it is the speaker's; the surest come last. */
  readonly embeddings: readonly Float32Array[];
}

/** Whose a window's local speaker is. */
export interface Assignment {
  /** A position among the speakers. */
  readonly speaker: number;
  /** 0 to 1. */
  readonly probability: number;
}

export interface ClusteredVoices {
  readonly speakers: readonly FoundSpeaker[];
  /** Of each window, of each of its `voices`. */
  readonly assignments: readonly (readonly Assignment[])[];
}

/** Groups a recording's local speakers into speakers of the whole, of whom enrolled ones keep their name. */
export async function clusterVoices(
  recording: HeardRecording,
  options: ClusterOptions,
): Promise<ClusteredVoices> {
  const voices = recording.windows.flatMap((window) => window.voices);
  if (voices.length === 0) return { speakers: [], assignments: recording.windows.map(() => []) };
  return new Clustering(recording.windows, voices, options).result();
}

class Clustering {
  readonly #settings: DiarizationSettings;
  readonly #profiles: readonly Profile[];
  readonly #observations: Observations;
  readonly #enrolled: readonly Place[];
  /** Part of a window that no window before has had. */
  readonly #fresh: number;

  constructor(
    private readonly windows: readonly HeardWindow[],
    private readonly voices: readonly LocalVoice[],
    private readonly options: ClusterOptions,
  ) {
    const { settings, profiles } = options;
    this.#settings = settings;
    this.#profiles = profiles;
    this.#fresh = Math.min(1, settings.stepFrames / windows[0]!.activity.frames);
    this.#observations = observationsOf(voices, settings.evidence * this.#fresh);
    this.#enrolled = profiles.map(({ centroid, speechSeconds }) => enrolledPlace(centroid, speechSeconds));
  }

  async result(): Promise<ClusteredVoices> {
    const known = this.#profiles.length;
    const { most } = this.options;
    const least = Math.max(this.options.least, Math.min(most, this.#heardAtOnce()));
    const guess = await FirstGuess.of(this.voices, this.#settings, this.options.breather);
    let labels = await guess.atDistance(this.#settings.initialDistance);
    if (countOf(labels) < least) labels = await guess.ofCount(least);
    let shares = await this.#claimed(await this.#infer(await this.#begin(labels), false));
    const present = (): number[] => this.#presentOf(shares);
    if (present().length < least) {
      labels = await guess.ofCount(least);
      shares = await this.#infer(await this.#begin(labels), true);
      // What was heard may be of fewer: then as the clusters have it.
      if (present().length < least) shares = await this.#claimed(this.#exactly(labels), true);
    }
    while (present().length > most) {
      shares = await this.#claimed(await this.#infer(await this.#joinNearest(shares, present()), false));
    }
    const speakers = present();
    shares = onlyThese(shares, this.voices.length, this.#columns(shares), speakers);
    return this.#told(shares, speakers, known);
  }

  /** Two where in some window two talk at once for long enough. */
  #heardAtOnce(): number {
    const two = this.windows.some(({ voices, activity }) =>
      voices.some((a, i) =>
        voices.slice(i + 1).some((b) => talkAtOnce(activity, a, b, SURELY_AT_ONCE_FRAMES)),
      ),
    );
    return two ? 2 : 1;
  }

  #columns(shares: Float64Array): number {
    return shares.length / this.voices.length;
  }

  /** Clusters as shares. */
  #exactly(labels: Int32Array): Float64Array {
    const known = this.#profiles.length;
    const columns = known + countOf(labels);
    const shares = new Float64Array(this.voices.length * columns);
    labels.forEach((label, t) => (shares[t * columns + known + label] = 1));
    return shares;
  }

  /** Clusters as shares; one that is an enrolled speaker's rather than not begins as that speaker's. */
  async #begin(labels: Int32Array): Promise<Float64Array> {
    const known = this.#profiles.length;
    const clusters = countOf(labels);
    const columns = known + clusters;
    const shares = this.#exactly(labels);
    for (let cluster = 0; cluster < clusters && known > 0; cluster++) {
      const place = await this.#placeOf(shares, columns, known + cluster);
      const ratios = this.#enrolled.map((enrolled) => samePersonLogRatio(enrolled, place));
      const best = ratios.indexOf(Math.max(...ratios));
      if (ratios[best]! <= 0) continue;
      labels.forEach((label, t) => {
        if (label !== cluster) return;
        shares[t * columns + known + cluster] = 0.5;
        shares[t * columns + best] = 0.5;
      });
    }
    return shares;
  }

  async #infer(shares: Float64Array, keepAll: boolean): Promise<Float64Array> {
    const { rounds, offset, unknownShare } = this.#settings;
    const enrolled = this.#enrolled;
    const options: InferenceOptions = { enrolled, rounds, offset, unknownShare, keepAll };
    return (
      await inferSpeakers(this.#observations, shares, this.#columns(shares), options, this.options.breather)
    ).shares;
  }

  /**
   * An unknown speaker who is an enrolled one rather than not, and passes the test of the name, is that one. Where a speaker says much, an
   * unknown speaker explains it as well as the profile, and has the larger share before: inference leaves it there. Changes `shares`.
   *
   * @param once each name goes to one speaker, so that none becomes another
   */
  async #claimed(shares: Float64Array, once = false): Promise<Float64Array> {
    const known = this.#profiles.length;
    const columns = this.#columns(shares);
    const whose = this.voices.map((_, t) => likeliest(shares, t, columns));
    for (let speaker = known; speaker < columns && known > 0; speaker++) {
      const own = [...whose.keys()].filter((t) => whose[t] === speaker);
      if (own.length === 0) continue;
      const place = await this.#placeOf(shares, columns, speaker);
      const ratios = this.#enrolled.map((enrolled) => samePersonLogRatio(enrolled, place));
      const best = ratios.indexOf(Math.max(...ratios));
      if (ratios[best]! <= 0 || (once && whose.includes(best)) || !this.#isNamed(best, own)) continue;
      for (let t = 0; t < this.voices.length; t++) {
        shares[t * columns + best]! += shares[t * columns + speaker]!;
        shares[t * columns + speaker] = 0;
      }
      for (const t of own) whose[t] = best;
    }
    return shares;
  }

  /** Seconds that each speaker is likeliest to have said, what windows have in common counted once. */
  #secondsOf(shares: Float64Array): Float64Array {
    const columns = this.#columns(shares);
    const seconds = new Float64Array(columns);
    for (const [t, voice] of this.voices.entries()) {
      seconds[likeliest(shares, t, columns)]! += voice.seconds * this.#fresh;
    }
    return seconds;
  }

  /** Who says enough to be there. */
  #presentOf(shares: Float64Array): number[] {
    const seconds = [...this.#secondsOf(shares).entries()].filter(([, said]) => said > 0);
    const enough = seconds.filter(([, said]) => said >= this.#settings.minSpeakerSeconds);
    return (enough.length >= Math.max(1, this.options.least) ? enough : seconds).map(([speaker]) => speaker);
  }

  /** What was heard of one speaker. */
  async #placeOf(shares: Float64Array, columns: number, speaker: number): Promise<Place> {
    const { breather } = this.options;
    const { dimension, places, weights } = this.#observations;
    const mean = new Float32Array(dimension);
    let precision = 1e-9;
    for (let t = 0; t < this.voices.length; t++) {
      if (t % BLOCK === 0 && breather.isDue) await breather.breathe();
      const weight = shares[t * columns + speaker]! * weights[t]!;
      if (weight < 1e-9) continue;
      precision += weight;
      addScaled(mean, places.subarray(t * dimension, (t + 1) * dimension), weight);
    }
    return { mean: mean.map((value) => value / precision), precision };
  }

  /** The two who are likeliest to be one person become one; two enrolled speakers never do. */
  async #joinNearest(shares: Float64Array, speakers: readonly number[]): Promise<Float64Array> {
    const columns = this.#columns(shares);
    const known = this.#profiles.length;
    const places = new Map<number, Place>();
    for (const speaker of speakers) places.set(speaker, await this.#placeOf(shares, columns, speaker));
    let joined: readonly [number, number] = [speakers[0]!, speakers[1]!];
    let most = -Infinity;
    for (const a of speakers) {
      if (this.options.breather.isDue) await this.options.breather.breathe();
      for (const b of speakers) {
        if (a >= b || b < known) continue;
        const ratio = samePersonLogRatio(places.get(a)!, places.get(b)!);
        if (ratio <= most) continue;
        most = ratio;
        joined = [a, b];
      }
    }
    const [kept, gone] = joined;
    const next = onlyThese(shares, this.voices.length, columns, speakers);
    for (let t = 0; t < this.voices.length; t++) {
      next[t * columns + kept]! += next[t * columns + gone]!;
      next[t * columns + gone] = 0;
    }
    return next;
  }

  async #told(shares: Float64Array, speakers: readonly number[], known: number): Promise<ClusteredVoices> {
    const columns = this.#columns(shares);
    const number = new Map(speakers.map((speaker, i) => [speaker, i]));
    const whose = await this.#whose(shares, speakers);
    const { breather } = this.options;
    let t = 0;
    const assignments = this.windows.map((window) =>
      window.voices.map(() => {
        const speaker = whose[t]!;
        const probability = shares[t++ * columns + speaker]!;
        return { speaker: number.get(speaker)!, probability };
      }),
    );
    const found: FoundSpeaker[] = [];
    for (const speaker of speakers) {
      if (breather.isDue) await breather.breathe();
      const own = [...this.voices.keys()].filter((voice) => whose[voice] === speaker);
      const embeddings = own
        .sort((a, b) => shares[a * columns + speaker]! - shares[b * columns + speaker]!)
        .map((voice) => this.voices[voice]!.embedding);
      const profile = speaker < known && this.#isNamed(speaker, own) ? this.#profiles[speaker]! : null;
      found.push({ profile, embeddings });
    }
    return { speakers: found, assignments };
  }

  /**
   * Whose each stretch is: its likeliest speaker's, but that nobody talks twice at once. Of two local speakers of one
   * window who talk together the surer one is told first; the other is the nearest of the other speakers.
   */
  async #whose(shares: Float64Array, speakers: readonly number[]): Promise<number[]> {
    const columns = this.#columns(shares);
    const whose = this.voices.map((_, t) => likeliest(shares, t, columns));
    const sure = (t: number): number => shares[t * columns + whose[t]!]!;
    const centres = new Map<number, Float32Array>();
    for (const speaker of speakers)
      centres.set(speaker, unit((await this.#placeOf(shares, columns, speaker)).mean));
    const { breather } = this.options;
    let first = 0;
    for (const { voices, activity } of this.windows) {
      if (breather.isDue) await breather.breathe();
      const order = [...voices.keys()].sort((a, b) => sure(first + b) - sure(first + a));
      for (const [rank, i] of order.entries()) {
        const taken = order.slice(0, rank).filter((j) => talkAtOnce(activity, voices[i]!, voices[j]!));
        const others = new Set(taken.map((j) => whose[first + j]!));
        if (!others.has(whose[first + i]!)) continue;
        const left = speakers.filter((speaker) => !others.has(speaker));
        const near = left.map((speaker) => dot(centres.get(speaker)!, voices[i]!.embedding));
        if (left.length > 0) whose[first + i] = left[near.indexOf(Math.max(...near))]!;
      }
      first += voices.length;
    }
    return whose;
  }

  /** A name's own test: what was heard scores with the profile, as it was enrolled, what a live turn as long must. */
  #isNamed(speaker: number, own: readonly number[]): boolean {
    const { model } = this.options;
    const cohort = model.cohort ? new Cohort(model.cohort) : null;
    const scorer = new Scorer(
      model.calibration ?? DEFAULT_CALIBRATION,
      cohort,
      model.scoring ?? DEFAULT_SCORING,
    );
    const voice = enrolledVoice(cohort, this.#profiles[speaker]!);
    const sum = new Float32Array(voice.centroid.length);
    let seconds = 0;
    for (const t of own) {
      addScaled(sum, this.voices[t]!.embedding, stretchPrecision(this.voices[t]!.seconds));
      seconds += this.voices[t]!.seconds * this.#fresh;
    }
    const evidence = scorer.evidence(unit(sum), seconds);
    const score = scorer.standard(dot(evidence.direction, voice.centroid), voice, evidence);
    return score >= scorer.defaultAcceptAt(seconds);
  }
}

function observationsOf(voices: readonly LocalVoice[], evidence: number): Observations {
  const dimension = voices[0]!.embedding.length;
  const places = new Float32Array(voices.length * dimension);
  voices.forEach(({ embedding }, t) => {
    places.set(placeOf(embedding), t * dimension);
  });
  return {
    count: voices.length,
    dimension,
    places,
    weights: Float64Array.from(voices, ({ seconds }) => evidence * stretchPrecision(seconds)),
  };
}

/** Two stretches of two local speakers have so much in common, frames (0.2 s), that both people are there. */
const AT_ONCE_FRAMES = 12;
/** And so much (1 s), that a recording surely has two speakers. */
const SURELY_AT_ONCE_FRAMES = 60;

function talkAtOnce(
  { classes }: HeardWindow['activity'],
  a: LocalVoice,
  b: LocalVoice,
  least = AT_ONCE_FRAMES,
): boolean {
  if (a.local === b.local) return false;
  let both = 0;
  for (let frame = Math.max(a.from, b.from); frame < Math.min(a.to, b.to); frame++) {
    const members = POWERSET[classes[frame]!]!;
    if (members.includes(a.local) && members.includes(b.local)) both++;
  }
  return both >= least;
}

function likeliest(shares: Float64Array, t: number, columns: number): number {
  let best = 0;
  for (let k = 1; k < columns; k++) if (shares[t * columns + k]! > shares[t * columns + best]!) best = k;
  return best;
}

/** The shares of these speakers alone, that of each observation one together; a copy. */
function onlyThese(
  shares: Float64Array,
  count: number,
  columns: number,
  speakers: readonly number[],
): Float64Array {
  const only = new Float64Array(shares.length);
  for (let t = 0; t < count; t++) {
    let sum = 0;
    for (const speaker of speakers) sum += shares[t * columns + speaker]!;
    for (const speaker of speakers) {
      only[t * columns + speaker] = sum > 0 ? shares[t * columns + speaker]! / sum : 1 / speakers.length;
    }
  }
  return only;
}
