import { WhospeaksError } from '../errors.js';
import type { EmbeddedWindow } from '../native/types.js';
import { parseOptions } from '../options.js';
import { SAMPLE_RATE_HZ, SHIFT_MS } from '../stream/geometry.js';
import { Lessons } from '../speakers/lessons.js';
import { AssignedTurns } from '../turns/assigned-turns.js';
import { Beliefs } from './beliefs.js';
import { changePoints } from '../turns/change-points.js';
import { Cohort } from '../scoring/cohort.js';
import { refusedCommandSchema } from '../events/event-schemas.js';
import { EvidencePool } from '../turns/evidence-pool.js';
import { isUnknownLabel, type IdentifyEvent, type TrackCommand } from '../events/events.js';
import { heardSpeech } from '../turns/heard-speech.js';
import { GrowingProfiles } from '../speakers/growing-profiles.js';
import { Judge } from './judge.js';
import { isOneStrangers, LabelGate } from '../turns/label-gate.js';
import { isNoise, isVoice, mayBeNoise, teaches, type OpenTurn } from './open-turn.js';
import { OpenTurns } from './open-turns.js';
import { Memory } from './memory.js';
import type { Weighed } from './weighed.js';
import { NameTest } from './name-test.js';
import { Naming, type InProgress } from './naming.js';
import { isMixed } from '../turns/overlap.js';
import { OverlapTrack } from '../turns/overlap-track.js';
import { assertDistinct, assertSameModel, type ModelIdentity, type Profile } from '../speakers/profile.js';
import { Scorer } from '../scoring/scorer.js';
import { nameKey } from '../speakers/speaker-name.js';
import { SpeechTrack } from '../fbank/speech-track.js';
import { WHO } from './settings.js';
import { StreamLevel } from './stream-level.js';
import { Stretches, type StretchEdge } from '../turns/stretches.js';
import { commandSchema, trackerSchema, type TrackerOptions } from './tracker-options.js';
import { TurnSearch } from '../turns/turn-search.js';
import { TurnTeller, type Belief } from '../turns/turn-teller.js';
import { Heard } from '../turns/turn-voice.js';
import { assertUnit } from '../vectors.js';
import { NOVEL } from '../scoring/voice.js';
import { Roster } from './roster.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { inConversation, VoiceScorer } from '../turns/voice-scorer.js';

/** Speech flags kept: the longest turn, latency and step, and enough before them to find edges. */
const TRACK_FRAMES = 9000;
/** Speech of a new window that counts as one whole window of evidence. */
const WINDOW_FRAMES = 150;
/** A longer turn is reported in parts. */
const MAX_TURN_SAMPLES = 60 * SAMPLE_RATE_HZ;

/**
 * Windows in, events out. The steps' flags, at 10 ms, give the speech; a search over sequences of turns gives
 * the boundaries (`TurnSearch`); all evidence of a turn gives its speaker (`Judge`). `tentative` events
 * follow the most probable path at once. A `final` follows when its turn has ended and settled; no later
 * `final` contradicts it. A `correction` reports what later turns prove wrong.
 *
 * Pure: no clock, no I/O. The state is bounded. The same windows give the same events.
 */
export class Tracker {
  readonly #model: ModelIdentity | undefined;
  readonly #minTurnSamples: number;
  readonly #latencySamples: number;
  readonly #track = new SpeechTrack(TRACK_FRAMES);
  readonly #stretches: Stretches;
  readonly #lessons: Lessons;
  readonly #growing: GrowingProfiles;
  readonly #roster: Roster;
  readonly #memory: Memory;
  readonly #scorer: Scorer;
  readonly #judge: Judge;
  readonly #pool: EvidencePool;
  readonly #overlaps = new OverlapTrack();
  readonly #search: TurnSearch;
  readonly #turns: OpenTurns;
  readonly #beliefs: Beliefs;
  readonly #teller = new TurnTeller();
  readonly #labelGate = new LabelGate();
  readonly #assigned = new AssignedTurns();
  readonly #naming: Naming;
  #isOpen = false;
  /** Windows were heard up to here; turns were settled up to here. */
  #heardTo = 0;
  #settledTo = 0;
  #ended = false;

  /** @throws {WhospeaksError} `invalid-option`, `speaker-exists` where two have one name, or
   * `model-mismatch` where profiles are of other models. */
  constructor(options: TrackerOptions) {
    const { speakers, model, threshold, falseAcceptRate, ...rest } = parseOptions(
      'Tracker',
      trackerSchema,
      options,
    );
    this.#model = model ?? speakers[0]?.model;
    this.#minTurnSamples = rest.minTurnSeconds * SAMPLE_RATE_HZ;
    this.#latencySamples = rest.latencySeconds * SAMPLE_RATE_HZ;
    const minSilenceSeconds = Math.min(rest.minSilenceSeconds, rest.latencySeconds);
    this.#stretches = new Stretches(minSilenceSeconds * SAMPLE_RATE_HZ, this.#minTurnSamples);
    const calibration = rest.calibration ?? model?.calibration ?? DEFAULT_CALIBRATION;
    // A calibration of the caller's own speaks of plain cosines.
    const cohort = rest.calibration === undefined && model?.cohort ? new Cohort(model.cohort) : null;
    this.#roster = new Roster(cohort, rest.makeIndex, rest.adapt !== undefined);
    this.#lessons = new Lessons(rest.adapt);
    this.#growing = new GrowingProfiles(this.#model, rest.onProfile);
    this.#scorer = new Scorer(calibration, cohort, rest.scoring ?? model?.scoring);
    const test = new NameTest(this.#scorer, this.#roster, { falseAcceptRate, threshold });
    const level = new StreamLevel(this.#scorer.levelVariance);
    const hasThreshold = threshold !== undefined;
    const { unknownPrior, maxUnknown } = rest;
    this.#judge = new Judge({
      scorer: this.#scorer,
      roster: this.#roster,
      test,
      level,
      unknownPrior,
      hasThreshold,
    });
    this.#memory = new Memory({ roster: this.#roster, judge: this.#judge, level, maxUnknown });
    this.#beliefs = new Beliefs({
      track: this.#track,
      overlaps: this.#overlaps,
      people: this.#roster,
      judge: this.#judge,
    });
    this.#pool = new EvidencePool(this.#track);
    const windowScorer = new VoiceScorer(
      threshold === undefined
        ? inConversation(calibration)
        : { scale: calibration.scale, offset: -calibration.scale * threshold },
    );
    this.#search = new TurnSearch(windowScorer, this.#roster, this.#track, () => this.#judge.unknownPrior);
    this.#turns = new OpenTurns({
      track: this.#track,
      search: this.#search,
      pool: this.#pool,
      judge: this.#judge,
      cohort,
      minTurnSamples: this.#minTurnSamples,
    });
    this.#naming = new Naming({
      model: this.#model,
      people: this.#roster,
      memory: this.#memory,
      labelGate: this.#labelGate,
      assigned: this.#assigned,
      growing: this.#growing,
      openTurn: (label) => this.#openTurn(label),
      enrol: (profiles) => {
        this.#enrol(profiles);
      },
    });
    this.#enrol(speakers);
  }

  /**
   * @throws {WhospeaksError} `invalid-option` where the window's step overlaps the one before, after `flush`, or where the embedding
   * is no unit vector.
   */
  push(window: EmbeddedWindow): IdentifyEvent[] {
    const { step } = window;
    if (this.#ended)
      throw new WhospeaksError('invalid-option', 'Tracker: push after flush; make a new Tracker');
    if (step.startSample < this.#track.endSample) {
      throw new WhospeaksError(
        'invalid-option',
        `Tracker: step begins at ${step.startSample}, before the end of the last at ${this.#track.endSample}`,
      );
    }
    const events: IdentifyEvent[] = [];
    if (step.startSample > this.#track.endSample) this.#skip(step.startSample, events);
    this.#track.append(step);
    this.#hear(window);
    this.#edges(this.#stretches.scan(this.#track, step.startSample, step.endSample), events);
    if (this.#isOpen) this.#follow(events);
    else this.#search.settle(this.#track.endSample - this.#latencySamples);
    return this.#assigned.told(events);
  }

  /** The stream ended: the last turn, then `end`. */
  flush(): IdentifyEvent[] {
    if (this.#ended) return [];
    this.#ended = true;
    const events: IdentifyEvent[] = [];
    for (const edge of this.#stretches.close()) this.#turnEdge(edge, events);
    this.#lessons.handOut();
    this.#growing.end();
    events.push({ type: 'end', endSample: this.#track.endSample });
    return this.#assigned.told(events);
  }

  /** Nothing more will be heard, and nothing more told; a profile that has grown is handed out all the same. */
  close(): void {
    this.#growing.end();
  }

  /**
   * Obey a command between two windows. One that cannot be obeyed is answered with a `warning`
   * (`command-refused`) and changes nothing.
   */
  command(command: TrackCommand): IdentifyEvent[] {
    const events: IdentifyEvent[] = [];
    try {
      const checked: TrackCommand = parseOptions('Tracker.command', commandSchema, command);
      if (checked.type === 'speakers') this.#enrol(checked.speakers);
      else if (checked.type === 'assign') {
        this.#lessons.withdraw(checked.turn);
        return this.#naming.assign(checked, this.#track.endSample);
      } else events.push(...this.#naming.name(checked, this.#track.endSample));
      events.push(...this.#memory.corrections(this.#track.endSample));
      this.#beliefs.correct(events);
    } catch (error) {
      if (!(error instanceof WhospeaksError)) throw error;
      const { code: reason, message } = error;
      const startSample = this.#track.endSample;
      const { data } = refusedCommandSchema.safeParse(command);
      return [{ type: 'warning', code: 'command-refused', reason, startSample, message, command: data }];
    }
    if (this.#isOpen) this.#follow(events);
    return this.#assigned.told(events);
  }

  #enrol(speakers: readonly Profile[]): void {
    if (this.#model !== undefined) assertSameModel(this.#model, speakers);
    assertDistinct(speakers);
    const same = this.#roster.enrol(speakers);
    this.#naming.enrolled(speakers);
    this.#lessons.keep(same);
    this.#growing.keep((id, name) => nameKey(this.#roster.get(id)?.label ?? '') === nameKey(name));
    this.#memory.restart();
  }

  /** A turn that is told under a label whose voice is founded only when the turn is settled. */
  #openTurn(label: string): InProgress | undefined {
    if (!this.#isOpen) return undefined;
    const turns = this.#openTurns(this.#track.endSample);
    const position = turns.findLastIndex(({ verdict }, i) => {
      const told = this.#teller.told(i);
      return verdict.voice === null && told?.speaker === label && isOneStrangers(told);
    });
    const turn = turns[position];
    return turn?.pooled ? { ...turn, pooled: turn.pooled, turn: this.#teller.next + position } : undefined;
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
      const owner = this.#assigned.ownerOf(this.#teller.next, span.startSample);
      const ownerId = owner && this.#roster.called(owner.speaker);
      weighed = this.#memory.weigh(heard, pooled.windows, verdict, ownerId);
      ({ verdict } = weighed);
      believed = this.#beliefs.of({ ...turn, verdict }, after);
    }
    const { belief, overlap } = believed;
    const speech = heardSpeech((sample) => this.#track.isHeard(sample), belief);
    const told = this.#teller.final(belief, { speech, overlaps: overlap.stretches }, atSample);
    events.push(...told);
    const final = told.at(-1)!;
    this.#beliefs.settle(final);
    if (isOneVoice && verdict.voice !== null && !this.#assigned.has(final.turn)) {
      this.#lessons.add(final, verdict.voice.id, weighed!.heard);
      this.#growing.add(final, verdict.voice.id, { windows: pooled.windows, seconds: turn.seconds });
    }
    this.#settle(span.endSample);
    this.#memory.add(final, verdict.voice?.id ?? NOVEL, weighed);
    const corrections = this.#memory.corrections(atSample);
    for (const { turn: number, was } of corrections) {
      if (isUnknownLabel(was)) continue;
      this.#lessons.withdraw(number);
      this.#growing.withdraw(number);
    }
    events.push(...corrections);
    this.#beliefs.correct(corrections);
    this.#lessons.handOut((number) => this.#memory.mayChange(number));
  }

  #settle(toSample: number): void {
    this.#settledTo = toSample;
    this.#pool.settle(toSample);
    this.#overlaps.forget(toSample);
  }
}
