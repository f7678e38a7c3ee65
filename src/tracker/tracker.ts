import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import type { EmbeddedWindow } from '../native/types.js';
import type { Calibration } from '../model/types.js';
import { parseOptions } from '../options.js';
import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { changePoints } from './change-points.js';
import { EvidencePool } from './evidence-pool.js';
import { UNKNOWN, type IdentifyEvent, type TentativeEvent, type TrackCommand } from './events.js';
import { assertSameModel, type ModelIdentity, type Profile } from './profile.js';
import { nameKey } from './speaker-name.js';
import { SpeechTrack } from './speech-track.js';
import { spansOf, type Span } from './spans.js';
import { Stretches, type StretchEdge } from './stretches.js';
import { TurnSearch } from './turn-search.js';
import { DEFAULT_CALIBRATION, VoiceScorer } from './voice-scorer.js';

/** Flags kept: far more than a window and the time to settle, so that a turn's edges can be found. */
const TRACK_FRAMES = 6000;
/** Frames of speech in the 1.5 s window that calibrations speak of. */
const WINDOW_FRAMES = 150;
/** A label is told at once when this likely; at the beginning of a turn, else after `PATIENCE_FRAMES`. */
const TELL_PROBABILITY = 0.6;
const TELL_FIRST_PROBABILITY = 0.75;
/** Speech of a turn after which the likeliest label is told, however likely. */
const PATIENCE_FRAMES = 125;
/** A change after a pause of this length is told without waiting for a second window. */
const PAUSE_SAMPLES = 0.2 * SAMPLE_RATE_HZ;
/** A change this long ago, beyond the reach of the window, is not revised any more. */
const SETTLE_SAMPLES = SAMPLE_RATE_HZ;

const schema = z.strictObject({
  speakers: z.array(z.custom<Profile>((value) => typeof value === 'object' && value !== null)).readonly(),
  model: z.custom<ModelIdentity>((value) => typeof value === 'object' && value !== null).optional(),
  calibration: z.strictObject({ scale: z.number().positive(), offset: z.number() }).optional(),
  threshold: z.number().min(-1).max(1).optional(),
  unknownPrior: z.number().gt(0).lt(1).default(0.2),
  minSilenceSeconds: z.number().min(0.1).max(5).default(0.8),
  minTurnSeconds: z.number().min(0).max(2).default(0.25),
});

export interface TrackerOptions {
  /** Who may be named; all enrolled with one model. With none, all speech is `unknown`. */
  readonly speakers: readonly Profile[];
  /** The model that made the windows: profiles of another are refused. Its calibration is the default. */
  readonly model?: ModelIdentity;
  /** Log-odds of "same speaker" by cosine; default the model's, else `DEFAULT_CALIBRATION`. */
  readonly calibration?: Calibration;
  /**
   * Cosine at which the log-odds of a window are 0, in place of the calibration's offset; and no turn is named
   * whose pooled score lies below it. Higher names fewer.
   */
  readonly threshold?: number;
  /** How likely a turn is a stranger's before anything is heard, 0 to 1; default 0.2. */
  readonly unknownPrior?: number;
  /** A pause this long ends a turn; default 0.8 s. */
  readonly minSilenceSeconds?: number;
  /** Speech shorter than this is not a turn of its own; default 0.25 s. */
  readonly minTurnSeconds?: number;
}

/**
 * Windows in, events out. Where there is speech comes from the steps' flags, at 10 ms; whose speech it is
 * from a search over sequences of turns (`TurnSearch`). `tentative` events follow the likeliest path at
 * once; a `final` follows when its turn has ended and settled, and is never revised.
 *
 * Pure: no clock, no I/O. The state is bounded. The same windows give the same events.
 */
export class Tracker {
  readonly #options: z.output<typeof schema>;
  #names: readonly string[] = [];
  /** The user's threshold: a turn whose pooled evidence lies below it is nobody's, however likely a speaker. */
  readonly #minScore: number;
  readonly #minTurnSamples: number;
  readonly #track = new SpeechTrack(TRACK_FRAMES);
  readonly #stretches: Stretches;
  #scorer!: VoiceScorer;
  #pool!: EvidencePool;
  #search!: TurnSearch;
  /** Number of the first turn that is not settled, and the next revision of it and those after. */
  #turn = 0;
  readonly #revisions = new Map<number, number>();
  /** Is a stretch of speech open? Which label was told last in it, and which at all? */
  #isOpen = false;
  #current: number | null = null;
  /** Whether it was told under its name. */
  #currentKnown = false;
  /** Likeliest label at the window before. */
  #next: number | null = null;
  readonly #told = new Set<number>();
  /** Windows were heard up to here; segments were told up to here. */
  #heardTo = 0;
  #settledTo = 0;
  #ended = false;

  /** @throws {WhospeaksError} `invalid-option`, `speaker-exists` where two have one name, or
   * `model-mismatch` where profiles are of other models. */
  constructor(options: TrackerOptions) {
    this.#options = parseOptions('Tracker', schema, options);
    const { threshold, minTurnSeconds, minSilenceSeconds } = this.#options;
    this.#minScore = threshold ?? -1;
    this.#minTurnSamples = minTurnSeconds * SAMPLE_RATE_HZ;
    this.#stretches = new Stretches(minSilenceSeconds * SAMPLE_RATE_HZ, this.#minTurnSamples);
    this.#enrol(this.#options.speakers);
  }

  #enrol(speakers: readonly Profile[]): void {
    const { model, threshold, calibration, unknownPrior } = this.#options;
    const identity = model ?? speakers[0]?.model;
    if (identity !== undefined) assertSameModel(identity, speakers);
    assertDistinct(speakers);
    const { scale, offset } = calibration ?? model?.calibration ?? DEFAULT_CALIBRATION;
    const centroids = speakers.map(({ centroid }) => centroid);
    this.#names = speakers.map(({ name }) => name);
    this.#scorer = new VoiceScorer(centroids, {
      scale,
      offset: threshold === undefined ? offset : -scale * threshold,
    });
    this.#pool = new EvidencePool(centroids, this.#track);
    this.#search = new TurnSearch(this.#scorer, this.#track, unknownPrior);
  }

  /**
   * Obey a command between two windows. One that cannot be obeyed is answered with a `warning`
   * (`command-refused`) and changes nothing.
   */
  command(command: TrackCommand): IdentifyEvent[] {
    const events: IdentifyEvent[] = [];
    const startSample = this.#track.endSample;
    if (command.type === 'name') {
      const message = `no unknown voice "${command.label}" can be named`;
      return [{ type: 'warning', code: 'command-refused', startSample, message }];
    }
    for (const edge of this.#stretches.close()) this.#turnEdge(edge, events);
    this.#enrol(command.speakers);
    this.#search.reset(startSample);
    this.#pool.settle(startSample);
    this.#heardTo = this.#settledTo = startSample;
    return events;
  }

  /** @throws {WhospeaksError} `invalid-option` where the window's step overlaps the one before, or after `flush`. */
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
    for (const edge of this.#stretches.scan(this.#track, step.startSample, step.endSample)) {
      this.#turnEdge(edge, events);
      if (edge.kind === 'close') {
        events.push({ type: 'silence', startSample: edge.sample, atSample: this.#track.endSample });
      }
    }
    if (this.#isOpen) {
      this.#settle(window, events);
      this.#tell(events);
    }
    return events;
  }

  /** The stream ended: the last turn, then `end`. */
  flush(): IdentifyEvent[] {
    if (this.#ended) return [];
    this.#ended = true;
    const events: IdentifyEvent[] = [];
    for (const edge of this.#stretches.close()) this.#turnEdge(edge, events);
    events.push({ type: 'end', endSample: this.#track.endSample });
    return events;
  }

  /** Audio was lost: what was open ends, and anybody may speak next. */
  #skip(toSample: number, events: IdentifyEvent[]): void {
    const startSample = this.#track.endSample;
    for (const edge of this.#stretches.close()) this.#turnEdge(edge, events);
    events.push({ type: 'lag', startSample, lostSamples: toSample - startSample });
    this.#track.skipTo(toSample);
    this.#search.reset(toSample);
    this.#pool.settle(toSample);
    this.#heardTo = this.#settledTo = toSample;
  }

  #hear({ startSample, endSample, embedding }: EmbeddedWindow): void {
    if (embedding === null) return;
    const newFrames = this.#track.speechFrames(Math.max(this.#heardTo, startSample), endSample);
    if (newFrames === 0) return;
    this.#search.advance({
      startSample,
      endSample,
      heard: this.#scorer.hear(embedding),
      newWindows: newFrames / WINDOW_FRAMES,
      changes: changePoints(this.#track, this.#heardTo, endSample),
    });
    this.#pool.add(startSample, endSample, embedding);
    this.#heardTo = this.#track.endSample;
  }

  #turnEdge({ kind, sample }: StretchEdge, events: IdentifyEvent[]): void {
    if (kind === 'open') {
      this.#isOpen = true;
      this.#settledTo = sample;
      this.#pool.settle(sample);
      return;
    }
    for (const span of this.#spans(sample)) {
      if (!this.#told.has(span.label)) this.#tellSpan(span, this.#turn, events);
      this.#endTurn(span, events);
    }
    this.#isOpen = false;
    this.#current = null;
    this.#told.clear();
  }

  /** Tell the turns that ended long enough ago. */
  #settle(window: EmbeddedWindow, events: IdentifyEvent[]): void {
    const beyond = window.startSample - SETTLE_SAMPLES;
    const spans = this.#spans(this.#track.endSample);
    while (spans.length > 1 && spans[1]!.startSample <= beyond) this.#endTurn(spans.shift()!, events);
    this.#search.settle(Math.min(this.#settledTo, window.startSample));
  }

  /** Tell the likeliest speaker of this moment, if that is news and sure enough. */
  #tell(events: IdentifyEvent[]): void {
    const spans = this.#spans(this.#track.endSample);
    const span = spans.at(-1);
    const turn = this.#turn + spans.length - 1;
    const wasNext = this.#next;
    this.#next = span?.label ?? null;
    if (span === undefined) return;
    if (span.label === this.#current) {
      if (!this.#currentKnown && this.#speaker(span).known) this.#tellSpan(span, turn, events);
      return;
    }
    const heard = this.#track.speechFrames(span.startSample, this.#heardTo);
    if (heard === 0) return;
    const isFirst = this.#current === null;
    const isSure =
      this.#search.probability(span.label) >= (isFirst ? TELL_FIRST_PROBABILITY : TELL_PROBABILITY);
    // Within a stretch two windows must agree: one odd window is not a change of speaker.
    if (
      isFirst
        ? isSure || heard >= PATIENCE_FRAMES
        : isSure && (span.label === wasNext || this.#afterPause(span))
    ) {
      this.#tellSpan(span, turn, events);
    }
  }

  #afterPause({ startSample }: Span): boolean {
    const before = this.#track.lastSpeechEnd(this.#track.startSample, startSample) ?? startSample;
    return startSample - before >= PAUSE_SAMPLES;
  }

  #tellSpan(span: Span, turn: number, events: IdentifyEvent[]): void {
    const speaker = this.#speaker(span);
    this.#current = span.label;
    this.#currentKnown = speaker.known;
    this.#told.add(span.label);
    events.push({ type: 'tentative', ...this.#fields(span, turn), endSample: this.#endOf(span) });
  }

  #endTurn(span: Span, events: IdentifyEvent[]): void {
    events.push({ type: 'final', ...this.#fields(span, this.#turn), endSample: this.#endOf(span) });
    this.#revisions.delete(this.#turn);
    this.#turn++;
    this.#settledTo = span.endSample;
    this.#pool.settle(span.endSample);
  }

  #fields(span: Span, turn: number): Omit<TentativeEvent, 'type' | 'endSample'> {
    const revision = this.#revisions.get(turn) ?? 0;
    this.#revisions.set(turn, revision + 1);
    return {
      turn,
      revision,
      startSample: span.startSample,
      atSample: this.#track.endSample,
      ...this.#speaker(span),
      probability: this.#search.probability(span.label),
      overlap: false,
      others: [],
    };
  }

  #endOf({ startSample, endSample }: Span): number {
    return this.#track.lastSpeechEnd(startSample, endSample) ?? endSample;
  }

  /** The likeliest turns from what was settled up to `end`; speech that no window heard is nobody's. */
  #spans(end: number): Span[] {
    if (this.#heardTo <= this.#settledTo) {
      return [{ label: this.#scorer.unknown, startSample: this.#settledTo, endSample: end }];
    }
    return spansOf(this.#search.best(), this.#settledTo, end, this.#minTurnSamples);
  }

  #speaker({ label, startSample, endSample }: Span): { speaker: string; known: boolean; score: number } {
    const name = this.#names[label];
    const score = this.#pool.score(startSample, endSample, label);
    if (name === undefined || score < this.#minScore) return { speaker: UNKNOWN, known: false, score };
    return { speaker: name, known: true, score };
  }
}

function assertDistinct(speakers: readonly Profile[]): void {
  const seen = new Set<string>();
  for (const { name } of speakers) {
    if (seen.has(nameKey(name))) {
      throw new WhospeaksError(
        'speaker-exists',
        `two of the speakers are called "${name}"; rename one of them`,
      );
    }
    seen.add(nameKey(name));
  }
}
