import type { ChangePoint } from './change-points.js';
import type { SpeechTrack } from '../fbank/speech-track.js';
import { TurnVoice, type Heard, type TurnVoiceState } from './turn-voice.js';
import { NOVEL, type Voice } from '../scoring/voice.js';
import { MAX_LOG_ODDS, type Mixture, type VoiceScorer, type VoiceShare } from './voice-scorer.js';

/** One turn of a hypothesis: who speaks from `startSample` until the next turn of the chain. */
export interface Turn {
  /** Id of a voice, or `NOVEL`. */
  label: number;
  readonly startSample: number;
  /** What it sounded like so far. */
  readonly voice: TurnVoice;
  /** The turn before; null at the beginning, or where the past was settled. */
  previous: Turn | null;
}

/** What one embedded window adds. */
export interface Observation {
  readonly startSample: number;
  readonly endSample: number;
  readonly heard: Heard;
  /** Speech that this window is the first to cover, in windows of 1.5 s. */
  readonly newWindows: number;
  /** Where the speaker may have changed in the part of the stream that is new. */
  readonly changes: readonly ChangePoint[];
}

/** Those who may speak, as the search asks for them. */
export interface Speakers {
  readonly enrolled: readonly unknown[];
  readonly strangers: readonly unknown[];
  get(id: number): Voice | undefined;
  /** The candidates of a window. */
  near(embedding: Float32Array, channel?: number): readonly Voice[];
}

interface Hypothesis {
  readonly turn: Turn;
  readonly score: number;
}

type SavedTurn = Omit<Turn, 'voice' | 'previous'> & {
  readonly voice: TurnVoiceState;
  readonly previous: SavedTurn | null;
};

interface SearchState {
  readonly hypotheses: readonly { readonly turn: SavedTurn; readonly score: number }[];
  readonly isFresh: boolean;
}

/**
 * Weight of a whole window of new speech. Above 1: overlapping windows share sound, and that part is already
 * in the turn's own voice.
 */
const EVIDENCE_GAIN = 3.5;
/** Hypotheses kept: the width of the beam. */
const MAX_HYPOTHESES = 192;
/** Log-odds that a kept hypothesis may lie behind the best. */
const MAX_BEHIND = 10;
/** A turn learns from windows of which it fills this share. */
const MIN_LEARN_SHARE = 0.4;
/** Prior that an unknown speaker who begins a turn is a new one, once any was heard. */
const NEW_SHARE = 0.15;
/** Hypotheses that a change of speaker may continue. */
const MAX_PREDECESSORS = 8;
/** Turns distinguished within one window; earlier ones count as the earliest. */
const MAX_TURNS_IN_WINDOW = 3;

/**
 * Searches the most probable sequence of turns (speaker and change points) given all windows so far: a beam
 * over hidden semi-Markov paths whose states are the enrolled speakers, the unknown voices so far, and a new
 * voice. A path pays for each change of speaker (less after a pause) and earns every window's log-odds under
 * the mixture of voices that it assumes in that window, given how each of its turns sounded before. Two paths
 * that agree on what the coming windows can see are merged into the better one, so the state is bounded.
 */
export class TurnSearch {
  readonly #scorer: VoiceScorer;
  readonly #track: SpeechTrack;
  readonly #people: Speakers;
  readonly #channel: number;
  readonly #unknownPrior: () => number;
  #hypotheses: Hypothesis[] = [];
  #isFresh = true;

  constructor(
    scorer: VoiceScorer,
    people: Speakers,
    track: SpeechTrack,
    unknownPrior: () => number,
    channel = 0,
  ) {
    this.#scorer = scorer;
    this.#people = people;
    this.#channel = channel;
    this.#track = track;
    this.#unknownPrior = unknownPrior;
    this.reset(track.endSample);
  }

  /** Forget the past: any speaker may talk from `startSample`. */
  reset(startSample: number): void {
    // Everybody who may be heard in the first window is added then.
    this.#hypotheses = [
      { turn: { label: NOVEL, startSample, voice: TurnVoice.SILENT, previous: null }, score: 0 },
    ];
    this.#isFresh = true;
  }

  /** The turns of one voice belong to another, or to a new one (`NOVEL`), from now on. */
  relabel(from: number, to: number): void {
    for (const { turn } of this.#hypotheses) {
      for (let at: Turn | null = turn; at !== null; at = at.previous) if (at.label === from) at.label = to;
    }
  }

  /**
   * The last turn of the most probable path belongs to another voice, or a new one (`NOVEL`). A path that
   * keeps an impostor's turn under a name could not change to that name when the real speaker begins.
   */
  relabelLast(to: number): void {
    const { label, startSample } = this.best();
    for (const { turn } of this.#hypotheses) {
      for (let at: Turn | null = turn; at !== null; at = at.previous) {
        if (at.label === label && at.startSample === startSample) at.label = to;
      }
    }
  }

  advance(seen: Observation): void {
    const labels = [NOVEL, ...this.#people.near(seen.heard.embedding, this.#channel).map(({ id }) => id)];
    if (this.#isFresh) this.#begin(labels);
    const staying = seen.changes.reduce((sum, { probability }) => sum + Math.log1p(-probability), 0);
    const weight = EVIDENCE_GAIN * seen.newWindows;
    const kept = new Kept(weight * MAX_LOG_ODDS);
    for (const { turn, score } of this.#hypotheses) {
      const recent = turn.startSample > seen.startSample;
      const rivals = kept.from(recent ? turn.startSample : -1);
      if (!kept.mayWin(rivals, turn.label, score + staying)) continue;
      const odds = this.#scorer.logOdds(seen.heard, this.#voices(turn, seen));
      kept.offer(rivals, turn, score + staying + weight * odds);
    }
    const priors = new Map<boolean, number[]>();
    for (const change of seen.changes) {
      const price = staying + Math.log(change.probability) - Math.log1p(-change.probability);
      const from = this.#hypotheses
        .filter(({ turn }) => turn.startSample < change.sample)
        .slice(0, MAX_PREDECESSORS);
      const share = this.#shareFrom(change.sample, seen);
      const rivals = kept.from(change.sample > seen.startSample ? change.sample : -1);
      for (const before of from) {
        const isKnown = this.#people.get(before.turn.label)?.known === true;
        let logPriors = priors.get(isKnown);
        if (logPriors === undefined) {
          logPriors = labels.map((label) => this.#logPrior(label, isKnown));
          priors.set(isKnown, logPriors);
        }
        // The part of the window before the change is the same whoever speaks after it.
        let held: Mixture | undefined;
        for (let i = 0; i < labels.length; i++) {
          const label = labels[i]!;
          if (before.turn.label === label && label !== NOVEL) continue;
          const score = before.score + price + logPriors[i]!;
          if (!kept.mayWin(rivals, label, score)) continue;
          held ??= this.#scorer.mixture(
            seen.heard,
            this.#voices(before.turn, seen, change.sample, share > 0 ? 1 : 0),
          );
          const who = share > 0 ? (this.#people.get(label) ?? null) : null;
          const odds = this.#scorer.logOddsWith(seen.heard, held, who, share);
          const startSample = change.sample;
          const turn = { label, startSample, voice: TurnVoice.SILENT, previous: before.turn };
          kept.offer(rivals, turn, score + weight * odds);
        }
      }
    }
    this.#hypotheses = prune(kept.all());
    this.#listen(seen);
  }

  /** At the start, any near voice may have begun. */
  #begin(labels: readonly number[]): void {
    const { startSample } = this.#hypotheses[0]!.turn;
    this.#hypotheses = labels.map((label) => ({
      turn: { label, startSample, voice: TurnVoice.SILENT, previous: null },
      score: this.#logPrior(label, false),
    }));
    this.#isFresh = false;
  }

  /** The last turn of the most likely path; its chain holds the turns before. */
  best(): Turn {
    return this.#hypotheses[0]!.turn;
  }

  /** Share of the paths, by likelihood, that end in the label: 0 to 1. */
  probability(label: number): number {
    const best = new Map<number, number>();
    for (const { turn, score } of this.#hypotheses) {
      best.set(turn.label, Math.max(best.get(turn.label) ?? -Infinity, score));
    }
    let total = 0;
    for (const score of best.values()) total += Math.exp(score);
    return Math.exp(best.get(label) ?? -Infinity) / total;
  }

  /** Turns that end at or before `sample` were told for good; drop them from every path. */
  settle(sample: number): void {
    for (const { turn } of this.#hypotheses) {
      let oldest = turn;
      while (oldest.startSample > sample && oldest.previous !== null) oldest = oldest.previous;
      oldest.previous = null;
    }
  }

  /** Let every open turn that fills most of the window learn from it. */
  #listen(seen: Observation): void {
    const total = this.#track.speechFrames(seen.startSample, seen.endSample);
    // Turns that begin at one place have heard the same; they share one voice. Null: they have too little of the window.
    const learnt = new Map<number, TurnVoice | null>();
    this.#hypotheses = this.#hypotheses.map((path) => {
      const { label, startSample, previous, voice: before } = path.turn;
      let voice = learnt.get(startSample);
      if (voice === undefined) {
        const start = Math.max(startSample, seen.startSample);
        const share = this.#track.speechFrames(start, seen.endSample) / total;
        voice = share >= MIN_LEARN_SHARE ? before.with(seen.heard, seen.newWindows * share) : null;
        learnt.set(startSample, voice);
      }
      return voice === null ? path : { turn: { label, startSample, voice, previous }, score: path.score };
    });
  }

  /** Paths share turns, and turns share voices: so do what they become. */
  save(): SearchState {
    const voices = new Map<TurnVoice, TurnVoiceState>();
    const turns = new Map<Turn, SavedTurn>();
    const saved = (turn: Turn | null): SavedTurn | null => {
      if (turn === null) return null;
      const before = turns.get(turn);
      if (before !== undefined) return before;
      const { label, startSample, voice, previous } = turn;
      const sound = voices.get(voice) ?? voice.save();
      voices.set(voice, sound);
      const one = { label, startSample, voice: sound, previous: saved(previous) };
      turns.set(turn, one);
      return one;
    };
    const hypotheses = this.#hypotheses.map(({ turn, score }) => ({ turn: saved(turn)!, score }));
    return { hypotheses, isFresh: this.#isFresh };
  }

  load({ hypotheses, isFresh }: SearchState): void {
    const voices = new Map<TurnVoiceState, TurnVoice>();
    const turns = new Map<SavedTurn, Turn>();
    const loaded = (saved: SavedTurn | null): Turn | null => {
      if (saved === null) return null;
      const before = turns.get(saved);
      if (before !== undefined) return before;
      const { label, startSample, voice, previous } = saved;
      const sound = voices.get(voice) ?? TurnVoice.from(voice);
      voices.set(voice, sound);
      const one = { label, startSample, voice: sound, previous: loaded(previous) };
      turns.set(saved, one);
      return one;
    };
    this.#hypotheses = hypotheses.map(({ turn, score }) => ({ turn: loaded(turn)!, score }));
    this.#isFresh = isFresh;
  }

  /** Share of the window's speech that comes after `start`. */
  #shareFrom(start: number, { startSample, endSample }: Observation): number {
    const total = this.#track.speechFrames(startSample, endSample);
    return total === 0 ? 0 : this.#track.speechFrames(Math.max(start, startSample), endSample) / total;
  }

  /**
   * Shares of the window's speech up to `end` by voice, as the path assumes; `after` voices speak after it.
   */
  #voices(last: Turn, seen: Observation, end = seen.endSample, after = 0): VoiceShare[] {
    const { startSample, endSample } = seen;
    const total = this.#track.speechFrames(startSample, endSample);
    if (total === 0) return [];
    const voices: VoiceShare[] = [];
    for (let turn: Turn | null = last; turn !== null && end > startSample; turn = turn.previous) {
      const oldest = turn.previous === null || after + voices.length === MAX_TURNS_IN_WINDOW - 1;
      const start = oldest ? startSample : Math.max(startSample, turn.startSample);
      const share = this.#track.speechFrames(start, end) / total;
      if (share > 0) voices.push({ who: this.#people.get(turn.label) ?? null, voice: turn.voice, share });
      end = start;
    }
    return voices;
  }

  /** Prior that a voice begins to speak after another: the enrolled share one part, all others the rest. */
  #logPrior(label: number, isAfterKnown: boolean): number {
    const known = this.#people.enrolled.length;
    const unknown = this.#people.strangers.length;
    const othersKnown = isAfterKnown ? known - 1 : known;
    const forUnknown = othersKnown === 0 ? 1 : this.#unknownPrior();
    if (this.#people.get(label)?.known === true) return Math.log((1 - forUnknown) / othersKnown);
    if (label === NOVEL) return Math.log(unknown === 0 ? forUnknown : forUnknown * NEW_SHARE);
    return Math.log((forUnknown * (1 - NEW_SHARE)) / unknown);
  }
}

/** The best of the paths alike: of one label, and of one start or one before the window. */
class Kept {
  readonly #byStart = new Map<number, Map<number, Hypothesis>>();
  readonly #most: number;

  /** @param most what the window can add to a path's score at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Paths whose last turn began there, by label. */
  from(startSample: number): Map<number, Hypothesis> {
    let paths = this.#byStart.get(startSample);
    if (paths === undefined) this.#byStart.set(startSample, (paths = new Map<number, Hypothesis>()));
    return paths;
  }

  /** Most paths lose however well the window speaks for them. */
  mayWin(rivals: Map<number, Hypothesis>, label: number, score: number): boolean {
    const rival = rivals.get(label);
    return rival === undefined || score + this.#most > rival.score;
  }

  /** Keep the path if no path alike is better. */
  offer(rivals: Map<number, Hypothesis>, turn: Turn, score: number): void {
    if (score > (rivals.get(turn.label)?.score ?? -Infinity)) rivals.set(turn.label, { turn, score });
  }

  all(): Hypothesis[] {
    const list: Hypothesis[] = [];
    for (const paths of this.#byStart.values()) for (const path of paths.values()) list.push(path);
    return list;
  }
}

function prune(paths: readonly Hypothesis[]): Hypothesis[] {
  const best = paths.reduce((most, { score }) => Math.max(most, score), -Infinity);
  const kept = paths.filter(({ score }) => score >= best - MAX_BEHIND);
  kept.sort(
    (a, b) => b.score - a.score || a.turn.startSample - b.turn.startSample || a.turn.label - b.turn.label,
  );
  return kept.slice(0, MAX_HYPOTHESES).map(({ turn, score }) => ({ turn, score: score - best }));
}
