import type { EmbeddedWindow } from '../native/types.js';
import { SAMPLE_RATE_HZ, SHIFT_MS } from '../stream/geometry.js';
import type { ChannelOf } from '../stream/types.js';
import type { Cohort } from '../scoring/cohort.js';
import type { GrowingProfiles } from '../speakers/growing-profiles.js';
import type { Lessons } from '../speakers/lessons.js';
import type { AssignedTurns } from '../turns/assigned-turns.js';
import type { VoiceScorer } from '../turns/voice-scorer.js';
import { Beliefs } from './beliefs.js';
import type { Judge } from './judge.js';
import type { Memory } from './memory.js';
import type { Roster } from './roster.js';
import { changePoints } from '../turns/change-points.js';
import { EvidencePool } from '../turns/evidence-pool.js';
import { isUnknownLabel, type CorrectionEvent, type IdentifyEvent } from '../events/events.js';
import { heardSpeech } from '../turns/heard-speech.js';
import { isOneStrangers, LabelGate } from '../turns/label-gate.js';
import { isNoise, isVoice, mayBeNoise, teaches, type OpenTurn } from './open-turn.js';
import { OpenTurns } from './open-turns.js';
import { WHO } from './settings.js';
import type { Weighed } from './weighed.js';
import type { InProgress } from './naming.js';
import { isMixed } from '../turns/overlap.js';
import { OverlapTrack } from '../turns/overlap-track.js';
import { SpeechTrack } from '../fbank/speech-track.js';
import { Stretches, type StretchEdge } from '../turns/stretches.js';
import { TurnSearch } from '../turns/turn-search.js';
import { TurnTeller, type Belief } from '../turns/turn-teller.js';
import { Heard } from '../turns/turn-voice.js';
import { assertUnit } from '../vectors.js';
import { NOVEL } from '../scoring/voice.js';

/** Speech flags kept: the longest turn, latency and step, and enough before them to find edges. */
const TRACK_FRAMES = 9000;
/** Speech of a new window that counts as one whole window of evidence. */
const WINDOW_FRAMES = 150;
/** A longer turn is reported in parts. */
const MAX_TURN_SAMPLES = 60 * SAMPLE_RATE_HZ;

/**
 * Who may speak on a stream, whichever of its channels it is, and what is known of them. A voice is one speaker on all channels,
 * and has one label.
 */
export interface Lineup {
  readonly roster: Roster;
  readonly judge: Judge;
  readonly memory: Memory;
  readonly lessons: Lessons;
  readonly growing: GrowingProfiles;
  readonly assigned: AssignedTurns;
  readonly cohort: Cohort | null;
  /** Of single windows. */
  readonly windowScorer: VoiceScorer;
}

/** What of the options is a channel's, in samples. */
export interface ChannelTimes {
  readonly minTurnSamples: number;
  readonly latencySamples: number;
  readonly minSilenceSamples: number;
}

interface ChannelState {
  readonly track: ReturnType<SpeechTrack['save']>;
  readonly stretches: ReturnType<Stretches['save']>;
  readonly pool: ReturnType<EvidencePool['save']>;
  readonly overlaps: ReturnType<OverlapTrack['save']>;
  readonly search: ReturnType<TurnSearch['save']>;
  readonly before: ReturnType<Beliefs['save']>;
  readonly teller: ReturnType<TurnTeller['save']>;
  readonly labelGate: ReturnType<LabelGate['save']>;
  readonly isOpen: boolean;
  readonly heardTo: number;
  readonly settledTo: number;
}

/**
 * The turns of one channel: windows in, events out. The steps' flags, at 10 ms, give the speech; a search over sequences of turns
 * gives the boundaries (`TurnSearch`); all evidence of a turn gives its speaker (`Judge`). Who speaks, and what the settled turns
 * say of it, all channels share (`Lineup`).
 */
export class ChannelTracker {
  readonly #lineup: Lineup;
  readonly #latencySamples: number;
  readonly #onCorrections: (corrections: readonly CorrectionEvent[]) => void;
  readonly #track = new SpeechTrack(TRACK_FRAMES);
  readonly #stretches: Stretches;
  readonly #pool: EvidencePool;
  readonly #overlaps = new OverlapTrack();
  readonly #search: TurnSearch;
  readonly #turns: OpenTurns;
  readonly #beliefs: Beliefs;
  readonly #teller: TurnTeller;
  readonly #labelGate = new LabelGate();
  #isOpen = false;
  /** Windows were heard up to here; turns were settled up to here. */
  #heardTo = 0;
  #settledTo = 0;

  /** @param onCorrections settled turns, of this channel or others, have another label now */
  constructor(
    lineup: Lineup,
    channel: ChannelOf,
    times: ChannelTimes,
    onCorrections: (corrections: readonly CorrectionEvent[]) => void,
  ) {
    const { minTurnSamples, latencySamples, minSilenceSamples } = times;
    const { roster, judge, cohort, windowScorer } = lineup;
    this.#lineup = lineup;
    this.#onCorrections = onCorrections;
    this.#latencySamples = latencySamples;
    this.#teller = new TurnTeller(channel);
    this.#stretches = new Stretches(minSilenceSamples, minTurnSamples);
    const track = this.#track;
    const overlaps = this.#overlaps;
    this.#beliefs = new Beliefs({ track, overlaps, people: roster, judge, channel: channel.index });
    this.#pool = new EvidencePool(track);
    this.#search = new TurnSearch(windowScorer, roster, track, () => judge.unknownPrior, channel.index);
    const search = this.#search;
    this.#turns = new OpenTurns({ track, search, pool: this.#pool, judge, cohort, minTurnSamples });
  }

  /** How far it was heard. */
  get endSample(): number {
    return this.#track.endSample;
  }

  /** @throws {WhospeaksError} `invalid-option` where the embedding is no unit vector */
  push(window: EmbeddedWindow): IdentifyEvent[] {
    const { step } = window;
    const events: IdentifyEvent[] = [];
    if (step.startSample > this.#track.endSample) this.#skip(step.startSample, events);
    this.#track.append(step);
    this.#hear(window);
    this.#edges(this.#stretches.scan(this.#track, step.startSample, step.endSample), events);
    if (this.#isOpen) this.#follow(events);
    else this.#search.settle(this.#track.endSample - this.#latencySamples);
    return events;
  }

  /** The stream ended: the last turn. */
  flush(): IdentifyEvent[] {
    const events: IdentifyEvent[] = [];
    for (const edge of this.#stretches.close()) this.#turnEdge(edge, events);
    return events;
  }

  /** A command was obeyed: what is believed of the turn in progress now. */
  again(): IdentifyEvent[] {
    const events: IdentifyEvent[] = [];
    if (this.#isOpen) this.#follow(events);
    return events;
  }

  /** Settled turns have another label. */
  correct(events: readonly IdentifyEvent[]): void {
    this.#beliefs.correct(events);
  }

  /** `label` is now called `speaker`. */
  rename(label: string, speaker: string): void {
    this.#labelGate.rename(label, speaker);
  }

  /** A turn that is told under a label whose voice is founded only when the turn is settled. */
  openTurn(label: string): InProgress | undefined {
    if (!this.#isOpen) return undefined;
    const turns = this.#openTurns(this.#track.endSample);
    const position = turns.findLastIndex(({ verdict }, i) => {
      const told = this.#teller.told(i);
      return verdict.voice === null && told?.speaker === label && isOneStrangers(told);
    });
    const turn = turns[position];
    return turn?.pooled ? { ...turn, pooled: turn.pooled, turn: this.#teller.numberAt(position) } : undefined;
  }

  save(): ChannelState {
    return {
      track: this.#track.save(),
      stretches: this.#stretches.save(),
      pool: this.#pool.save(),
      overlaps: this.#overlaps.save(),
      search: this.#search.save(),
      before: this.#beliefs.save(),
      teller: this.#teller.save(),
      labelGate: this.#labelGate.save(),
      isOpen: this.#isOpen,
      heardTo: this.#heardTo,
      settledTo: this.#settledTo,
    };
  }

  load(state: ChannelState): void {
    this.#track.load(state.track);
    this.#stretches.load(state.stretches);
    this.#pool.load(state.pool);
    this.#overlaps.load(state.overlaps);
    this.#search.load(state.search);
    this.#beliefs.load(state.before);
    this.#teller.load(state.teller);
    this.#labelGate.load(state.labelGate);
    this.#isOpen = state.isOpen;
    this.#heardTo = state.heardTo;
    this.#settledTo = state.settledTo;
  }

  /** Audio was lost: open turns end, and any speaker may be next. */
  #skip(toSample: number, events: IdentifyEvent[]): void {
    const startSample = this.#track.endSample;
    this.#edges(this.#stretches.close(), events);
    events.push({ type: 'lag', startSample, lostSamples: toSample - startSample });
    this.#track.skipTo(toSample);
    this.#search.reset(toSample);
    this.#settle(toSample);
    this.#heardTo = toSample;
  }

  #hear(window: EmbeddedWindow): void {
    const { startSample, endSample, embedding } = window;
    if (embedding === null) return;
    assertUnit('Tracker', embedding);
    const newFrames = this.#track.speechFrames(Math.max(this.#heardTo, startSample), endSample);
    if (newFrames === 0) return;
    this.#search.advance({
      startSample,
      endSample,
      heard: new Heard(embedding),
      newWindows: newFrames / WINDOW_FRAMES,
      changes: changePoints(this.#track, this.#heardTo, endSample),
    });
    this.#pool.add(startSample, endSample, embedding);
    this.#overlaps.add(window);
    this.#heardTo = this.#track.endSample;
  }

  #edges(edges: readonly StretchEdge[], events: IdentifyEvent[]): void {
    for (const edge of edges) {
      this.#turnEdge(edge, events);
      if (edge.kind === 'close' && this.#teller.rest()) {
        events.push({ type: 'silence', startSample: edge.sample, atSample: this.#track.endSample });
      }
    }
  }

  #turnEdge({ kind, sample }: StretchEdge, events: IdentifyEvent[]): void {
    if (kind === 'open') {
      this.#isOpen = true;
      this.#settle(Math.max(this.#settledTo, sample));
      return;
    }
    // Each is judged by what those before it have taught.
    while (this.#settledTo < sample) {
      const [turn, after] = this.#openTurns(sample);
      this.#endTurn(turn!, after, events);
    }
    this.#isOpen = false;
    this.#labelGate.rest();
  }

  /** Settle the turns that ended long enough ago, and report the others. */
  #follow(events: IdentifyEvent[]): void {
    const at = this.#track.endSample;
    const due = at - this.#latencySamples;
    let turns = this.#openTurns(at);
    while (turns.length > 1 && turns[1]!.span.startSample <= due) {
      this.#endTurn(turns[0]!, turns[1], events);
      turns = this.#openTurns(at);
    }
    const { span } = turns[0]!;
    if (due - span.startSample >= MAX_TURN_SAMPLES && turns.length === 1) {
      this.#endTurn(this.#turns.of({ ...span, endSample: due }), undefined, events);
      turns = this.#openTurns(at);
    }
    this.#search.settle(Math.min(this.#settledTo, due));
    for (const [position, belief] of this.#beliefs.soFar(turns, this.#heardTo).entries()) {
      const turn = turns[position]!;
      if (mayBeNoise(turn) && this.#teller.told(position) === undefined) continue;
      if (position < turns.length - 1) events.push(...this.#teller.tentative(position, belief, at, false));
      else this.#tellLast(turn, position, belief, events);
    }
  }

  /** Tell the likeliest speaker of this moment, if that is sure enough. */
  #tellLast({ span, verdict }: OpenTurn, position: number, belief: Belief, events: IdentifyEvent[]): void {
    const heard = this.#track.speechFrames(span.startSample, this.#heardTo);
    if (heard === 0) return;
    const judged = verdict.voice?.id ?? NOVEL;
    const isJudged =
      heard * SHIFT_MS >= 1000 * WHO.judgedSeconds && verdict.probability >= WHO.judgedProbability;
    if (isJudged && judged !== span.label && this.#search.best().label === span.label) {
      this.#search.relabelLast(judged);
    }
    const told = this.#teller.told(position);
    const isFirst = position === 0 && told === undefined;
    const isAfterPause = this.#track.pauseBefore(span.startSample) >= WHO.pauseSeconds * SAMPLE_RATE_HZ;
    const atSample = this.#track.endSample;
    if (!this.#labelGate.opens({ belief, verdict, told, heard, atSample, isFirst, isAfterPause })) return;
    events.push(...this.#teller.tentative(position, belief, atSample, true));
  }

  /** What is not settled, up to `end`, as turns. */
  #openTurns(end: number): OpenTurn[] {
    return this.#turns.between(this.#settledTo, this.#heardTo, end);
  }

  /** @param after the turn that follows, if one does. */
  #endTurn(turn: OpenTurn, after: OpenTurn | undefined, events: IdentifyEvent[]): void {
    const { span, pooled } = turn;
    const { roster, memory, lessons, growing, assigned } = this.#lineup;
    // A turn that was reported is reported to its end, also if it proves to be noise.
    if (isNoise(turn) && this.#teller.told(0) === undefined) {
      this.#teller.skip();
      this.#settle(span.endSample);
      return;
    }
    const atSample = this.#track.endSample;
    let { verdict } = turn;
    let believed = this.#beliefs.of(turn, after);
    // Two voices at once teach nothing about one, nor does what may be noise.
    const isOneVoice = teaches(turn) && pooled !== null && !isMixed(believed.overlap);
    let weighed: Weighed | undefined;
    if (isOneVoice) {
      const sureSeconds = turn.sureShare * turn.seconds;
      const heard = { ...verdict.evidence!, sureSeconds, isVoice: isVoice(turn), atSample };
      const owner = assigned.ownerOf(this.#teller.next, span.startSample);
      const ownerId = owner && roster.called(owner.speaker);
      weighed = memory.weigh(heard, pooled.windows, verdict, ownerId);
      verdict = { ...verdict, ...weighed.verdict, voice: roster.get(weighed.id) ?? null };
      believed = this.#beliefs.of({ ...turn, verdict }, after);
    }
    const { belief, overlap } = believed;
    const speech = heardSpeech((sample) => this.#track.isHeard(sample), belief);
    const told = this.#teller.final(belief, { speech, overlaps: overlap.stretches }, atSample);
    events.push(...told);
    const final = told.at(-1)!;
    this.#beliefs.settle(final);
    if (isOneVoice && verdict.voice !== null && !assigned.has(final.turn)) {
      lessons.add(final, verdict.voice.id, weighed!.heard);
      growing.add(final, verdict.voice.id, { windows: pooled.windows, seconds: turn.seconds });
    }
    this.#settle(span.endSample);
    memory.add(final, verdict.voice?.id ?? NOVEL, weighed);
    const corrections = memory.corrections(atSample);
    for (const { turn: number, was } of corrections) {
      if (isUnknownLabel(was)) continue;
      lessons.withdraw(number);
      growing.withdraw(number);
    }
    events.push(...corrections);
    this.#onCorrections(corrections);
    lessons.handOut((number) => memory.mayChange(number));
  }

  #settle(toSample: number): void {
    this.#settledTo = toSample;
    this.#pool.settle(toSample);
    this.#overlaps.forget(toSample);
  }
}
