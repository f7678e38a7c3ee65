import { WhospeaksError } from '../errors.js';
import type { EmbeddedWindow } from '../native/types.js';
import { parseOptions } from '../options.js';
import { SAMPLE_RATE_HZ, type ChannelOf } from '../stream/types.js';
import { Lessons } from '../speakers/lessons.js';
import { AssignedTurns } from '../turns/assigned-turns.js';
import { ChannelTracker, type ChannelTimes, type Lineup } from './channel-tracker.js';
import { Cohort } from '../scoring/cohort.js';
import { refusedCommandSchema } from '../events/event-schemas.js';
import type { IdentifyEvent, TrackCommand } from '../events/events.js';
import { GrowingProfiles } from '../speakers/growing-profiles.js';
import { Judge } from './judge.js';
import { Memory } from './memory.js';
import { NameTest } from './name-test.js';
import { Naming, type InProgress } from './naming.js';
import { assertDistinct, assertSameModel, type ModelIdentity, type Profile } from '../speakers/profile.js';
import { Scorer } from '../scoring/scorer.js';
import { nameKey } from '../speakers/speaker-name.js';
import { StreamLevel } from './stream-level.js';
import { commandSchema, trackerSchema, type TrackerOptions } from './tracker-options.js';
import { Roster } from './roster.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { inConversation, VoiceScorer } from '../turns/voice-scorer.js';

const ONE_CHANNEL: ChannelOf = { index: 0, count: 1 };

interface TrackerState {
  readonly profiles: readonly Profile[];
  readonly roster: ReturnType<Roster['save']>;
  readonly judge: ReturnType<Judge['save']>;
  readonly memory: ReturnType<Memory['save']>;
  readonly level: ReturnType<StreamLevel['save']>;
  readonly lessons: ReturnType<Lessons['save']>;
  readonly growing: ReturnType<GrowingProfiles['save']>;
  readonly assigned: ReturnType<AssignedTurns['save']>;
  readonly channels: readonly ReturnType<ChannelTracker['save']>[];
  readonly ended: boolean;
}

/**
 * Windows in, events out; see `ChannelTracker`. `tentative` events follow the most probable path at once. A `final` follows when
 * its turn has ended and settled; no later `final` contradicts it. A `correction` reports what later turns prove wrong.
 *
 * Windows of several channels come in order of time, those of one time in order of their channels. Each channel has turns of its
 * own; the speakers are those of all.
 *
 * Pure: no clock, no I/O. The state is bounded. The same windows give the same events.
 */
export class Tracker {
  readonly #model: ModelIdentity | undefined;
  readonly #times: ChannelTimes;
  readonly #lineup: Lineup;
  readonly #naming: Naming;
  readonly #level: StreamLevel;
  readonly #channels: ChannelTracker[] = [];
  /** Channels that there are; known from the first window on. */
  #count = 0;
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
    this.#times = {
      minTurnSamples: rest.minTurnSeconds * SAMPLE_RATE_HZ,
      latencySamples: rest.latencySeconds * SAMPLE_RATE_HZ,
      minSilenceSamples: Math.min(rest.minSilenceSeconds, rest.latencySeconds) * SAMPLE_RATE_HZ,
    };
    const calibration = rest.calibration ?? model?.calibration ?? DEFAULT_CALIBRATION;
    // A calibration of the caller's own speaks of plain cosines.
    const cohort = rest.calibration === undefined && model?.cohort ? new Cohort(model.cohort) : null;
    const roster = new Roster(cohort, rest.makeIndex, rest.adapt !== undefined);
    const scorer = new Scorer(calibration, cohort, rest.scoring ?? model?.scoring);
    const test = new NameTest(scorer, roster, { falseAcceptRate, threshold });
    const level = new StreamLevel(scorer.levelVariance);
    this.#level = level;
    const hasThreshold = threshold !== undefined;
    const { unknownPrior, maxUnknown } = rest;
    const judge = new Judge({ scorer, roster, test, level, unknownPrior, hasThreshold });
    const windowScorer = new VoiceScorer(
      threshold === undefined
        ? inConversation(calibration)
        : { scale: calibration.scale, offset: -calibration.scale * threshold },
    );
    this.#lineup = {
      roster,
      judge,
      memory: new Memory({ roster, judge, level, maxUnknown }),
      lessons: new Lessons(rest.adapt),
      growing: new GrowingProfiles(this.#model, rest.onProfile),
      assigned: new AssignedTurns((a, b) => this.#channelOf(a) === this.#channelOf(b)),
      cohort,
      windowScorer,
    };
    this.#naming = new Naming({
      ...this.#lineup,
      model: this.#model,
      people: roster,
      labelGate: {
        rename: (label, speaker) => {
          for (const channel of this.#channels) channel.rename(label, speaker);
        },
      },
      openTurn: (label) => this.#openTurn(label),
      enrol: (profiles) => {
        this.#enrol(profiles);
      },
    });
    this.#enrol(speakers);
  }

  /**
   * @throws {WhospeaksError} `invalid-option` where the window's step overlaps the one before, where the number of channels is
   * another, after `flush`, or where the embedding is no unit vector.
   */
  push(window: EmbeddedWindow): IdentifyEvent[] {
    const { step, channel = ONE_CHANNEL } = window;
    if (this.#ended)
      throw new WhospeaksError('invalid-option', 'Tracker: push after flush; make a new Tracker');
    const tracker = this.#trackerOf(channel);
    if (step.startSample < tracker.endSample) {
      throw new WhospeaksError(
        'invalid-option',
        `Tracker: step begins at ${step.startSample}, before the end of the last at ${tracker.endSample}`,
      );
    }
    return this.#told(tracker.push(window), channel.index);
  }

  /** The stream ended: the last turn of each channel, then `end`. */
  flush(): IdentifyEvent[] {
    if (this.#ended) return [];
    this.#ended = true;
    const events = this.#channels.flatMap((channel) => channel.flush());
    this.#lineup.lessons.handOut();
    this.#lineup.growing.end();
    return this.#told([...events, { type: 'end', endSample: this.#endSample }]);
  }

  /** Nothing more will be heard, and nothing more told; a profile that has grown is handed out all the same. */
  close(): void {
    this.#lineup.growing.end();
  }

  /**
   * Obey a command between two windows. One that cannot be obeyed is answered with a `warning`
   * (`command-refused`) and changes nothing.
   */
  command(command: TrackCommand): IdentifyEvent[] {
    const { lessons, memory } = this.#lineup;
    const events: IdentifyEvent[] = [];
    try {
      const checked: TrackCommand = parseOptions('Tracker.command', commandSchema, command);
      if (checked.type === 'speakers') this.#enrol(checked.speakers);
      else if (checked.type === 'assign') {
        lessons.withdraw(checked.turn);
        return this.#placed(this.#naming.assign(checked, this.#endSample));
      } else events.push(...this.#naming.name(checked, this.#endSample));
      events.push(...memory.corrections(this.#endSample));
      this.#correct(events);
    } catch (error) {
      if (!(error instanceof WhospeaksError)) throw error;
      const { code: reason, message } = error;
      const startSample = this.#endSample;
      const { data } = refusedCommandSchema.safeParse(command);
      return [{ type: 'warning', code: 'command-refused', reason, startSample, message, command: data }];
    }
    return this.#told([...events, ...this.#channels.flatMap((channel) => channel.again())]);
  }

  /** All that a tracker with the same options needs to go on from here, as plain data; see `load`. */
  save(): unknown {
    const { roster, judge, memory, lessons, growing, assigned } = this.#lineup;
    const state: TrackerState = {
      profiles: this.#naming.save(),
      roster: roster.save(),
      judge: judge.save(),
      memory: memory.save(),
      level: this.#level.save(),
      lessons: lessons.save(),
      growing: growing.save(),
      assigned: assigned.save(),
      channels: this.#channels.map((channel) => channel.save()),
      ended: this.#ended,
    };
    return state;
  }

  /** Into a tracker that has heard nothing; its enrolled speakers are those of the state from now on. */
  load(saved: unknown): void {
    const state = saved as TrackerState;
    const { roster, judge, memory, lessons, growing, assigned } = this.#lineup;
    this.#naming.enrolled(state.profiles);
    roster.load(state.roster);
    judge.learn(state.judge);
    memory.load(state.memory);
    this.#level.load(state.level);
    lessons.load(state.lessons);
    growing.load(state.growing);
    assigned.load(state.assigned);
    this.#begin(state.channels.length);
    for (const [i, channel] of this.#channels.entries()) channel.load(state.channels[i]!);
    this.#ended = state.ended;
  }

  /** How far the stream was heard. */
  get #endSample(): number {
    return this.#channels.reduce((end, channel) => Math.max(end, channel.endSample), 0);
  }

  #trackerOf({ index, count }: ChannelOf): ChannelTracker {
    if (this.#count === 0) this.#begin(count);
    if (count === this.#count) return this.#channels[index]!;
    throw new WhospeaksError(
      'invalid-option',
      `Tracker: a window of ${count} channels came, those before are of ${this.#count}`,
    );
  }

  #begin(count: number): void {
    this.#count = count;
    for (let index = 0; index < count; index++) {
      const channel = new ChannelTracker(this.#lineup, { index, count }, this.#times, (corrections) => {
        this.#correct(corrections);
      });
      this.#channels.push(channel);
    }
  }

  #correct(events: readonly IdentifyEvent[]): void {
    for (const channel of this.#channels) channel.correct(events);
  }

  #enrol(speakers: readonly Profile[]): void {
    const { roster, lessons, growing, memory } = this.#lineup;
    if (this.#model !== undefined) assertSameModel(this.#model, speakers);
    assertDistinct(speakers);
    const same = roster.enrol(speakers);
    this.#naming.enrolled(speakers);
    lessons.keep(same);
    growing.keep((id, name) => nameKey(roster.get(id)?.label ?? '') === nameKey(name));
    memory.restart();
  }

  #openTurn(label: string): InProgress | undefined {
    for (const channel of this.#channels) {
      const turn = channel.openTurn(label);
      if (turn !== undefined) return turn;
    }
    return undefined;
  }

  /** Events as they are told. @param channel that they come from, but for those of settled turns, which may be of any */
  #told(events: readonly IdentifyEvent[], channel?: number): IdentifyEvent[] {
    return this.#placed(this.#lineup.assigned.told(events), channel);
  }

  /** Of several channels, each event with its own. What was lost is lost on all of them, and told once. */
  #placed(events: readonly IdentifyEvent[], channel?: number): IdentifyEvent[] {
    if (this.#count < 2) return [...events];
    return events
      .filter(({ type }) => type !== 'lag' || channel === 0)
      .map((event) => {
        if ('turn' in event) return { ...event, channel: this.#channelOf(event.turn) };
        return event.type === 'silence' ? { ...event, channel } : event;
      });
  }

  /** See `TurnTeller`. */
  #channelOf(turn: number): number {
    return turn % Math.max(1, this.#count);
  }
}
