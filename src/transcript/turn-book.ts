import type { FinalEvent, IdentifyEvent, NamedEvent } from '../events/events.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** One turn as it stands now. Positions are samples at 16 kHz from the start of the stream. */
export type BookedTurn = Omit<FinalEvent, 'type' | 'atSample'> & {
  /** Settled; before that, `speech` and `overlaps` are not known and empty. */
  readonly final: boolean;
  /** What it was called before it was corrected. */
  readonly was?: string;
};

/**
 * The session was lost for good (the server restarted, or was out of reach for too long) and a new one began:
 * its time starts at 0 at `offsetSeconds` of the audio given to this client, its turns are numbered anew, and
 * its `unknown-1` is not that of before.
 */
export interface RestartedEvent {
  readonly type: 'restarted';
  readonly offsetSeconds: number;
}

/** Events of the SDK or of a stream; those that say nothing about turns are ignored. */
export type TurnEvent =
  | Extract<IdentifyEvent, { type: 'tentative' | 'final' | 'correction' | 'silence' | 'end' }>
  | RestartedEvent
  | Pick<NamedEvent, 'type' | 'label' | 'speaker'>
  | { readonly type: 'lag' | 'warning' };

/**
 * The turns of a stream, kept up to date: later revisions replace earlier ones, withdrawn turns disappear,
 * corrections rename, and a new session goes on where the old one stopped. What a view shows. The oldest
 * turns beyond `maxTurns` are let go.
 */
export class TurnBook {
  private readonly booked = new Map<number, BookedTurn>();
  /** The turn in progress of each channel that has one, the last told at the end; undefined: channels are mixed. */
  private readonly speaking = new Map<number | undefined, number>();
  private firstTurn = 0;
  private firstSample = 0;
  private readonly silentSamples = new Map<number | undefined, number>();
  /** How far the stream was heard, as far as the events tell. */
  heardSample = 0;
  /** Turns let go because there were too many. */
  droppedTurns = 0;

  constructor(private readonly maxTurns = 20_000) {}

  /** A book of turns that another had: whatever was not settled then is settled as it was. A new session may follow. */
  static of(turns: readonly BookedTurn[]): TurnBook {
    const book = new TurnBook();
    for (const turn of turns) {
      const { startSample, endSample, final } = turn;
      const speech = final ? turn.speech : [{ startSample, endSample }];
      book.booked.set(turn.turn, { ...turn, final: true, speech });
      book.heardSample = Math.max(book.heardSample, endSample);
    }
    return book;
  }

  /** In order of their beginnings. */
  get turns(): BookedTurn[] {
    return [...this.booked.values()].sort((a, b) => a.startSample - b.startSample || a.turn - b.turn);
  }

  /**
   * The turns as they look at `nowSample`: events come when something is decided, so that a turn that is not
   * settled has gone on since its last one, up to the next turn, to the silence, or until now.
   */
  turnsAt(nowSample: number): BookedTurn[] {
    return this.turns.map((turn, i, all) => {
      if (turn.final) return turn;
      const { channel, endSample } = turn;
      const isSpeaking = turn.turn === this.speaking.get(channel);
      const until = isSpeaking ? nowSample : (this.silentSamples.get(channel) ?? endSample);
      const next = all.slice(i + 1).find((later) => later.channel === channel);
      return { ...turn, endSample: Math.max(endSample, next?.startSample ?? until) };
    });
  }

  /** The turn in progress, of several channels the one told last; undefined while nobody speaks. */
  get current(): BookedTurn | undefined {
    const turn = [...this.speaking.values()].at(-1);
    return turn === undefined ? undefined : this.booked.get(turn);
  }

  /** Take one event; returns whether a turn or the current speaker changed. */
  apply(event: TurnEvent): boolean {
    switch (event.type) {
      case 'tentative':
      case 'final':
        this.heard(event.atSample);
        return this.tell(event);
      case 'correction':
        return this.correct(event);
      case 'silence':
        this.heard(event.atSample);
        this.silentSamples.set(event.channel, this.firstSample + event.startSample);
        return this.speaking.delete(event.channel);
      case 'end':
        this.heard(event.endSample);
        return this.stop();
      case 'named':
        // Before a restart the label was another voice's.
        return this.renameOthers(event.label, event.speaker, this.firstTurn);
      case 'restarted':
        return this.restart(event.offsetSeconds);
      default:
        return false;
    }
  }

  /** The number that a turn's events have in the present session; undefined of one before a restart. */
  numberInSession(turn: number): number | undefined {
    return turn < this.firstTurn ? undefined : turn - this.firstTurn;
  }

  /** A turn was this speaker's, here alone: the service is not told. */
  reassign(turn: number, speaker: string, known: boolean): void {
    const before = this.booked.get(turn);
    if (before === undefined || before.speaker === speaker) return;
    this.booked.set(turn, { ...before, speaker, known, probability: 1, was: before.speaker });
  }

  /** Call a label otherwise in the turns so far, here alone: the service is not told. */
  relabel(label: string, speaker: string): void {
    for (const [number, turn] of this.booked) {
      if (turn.speaker === label) this.booked.set(number, { ...turn, speaker, was: label });
    }
    this.renameOthers(label, speaker);
  }

  /** Who speaks beside somebody; whose turn it is, corrections tell. */
  private renameOthers(label: string, speaker: string, fromTurn = 0): boolean {
    const named = (other: string): string => (other === label ? speaker : other);
    let changed = false;
    for (const [number, turn] of this.booked) {
      if (number < fromTurn || !turn.others.includes(label)) continue;
      const overlaps = turn.overlaps.map((stretch) => ({
        ...stretch,
        other: stretch.other === null ? null : named(stretch.other),
      }));
      this.booked.set(number, { ...turn, others: turn.others.map(named), overlaps });
      changed = true;
    }
    return changed;
  }

  private tell(event: Extract<TurnEvent, { type: 'tentative' | 'final' }>): boolean {
    const turn = this.told(event);
    const before = this.booked.get(turn.turn);
    if (before !== undefined && (before.final || before.revision >= event.revision)) return false;
    // What is believed of a turn withdraws what was believed of later ones; those that stand are told again.
    if (event.type === 'tentative') {
      for (const [number, { final, channel }] of this.booked) {
        if (number > turn.turn && !final && channel === turn.channel) this.booked.delete(number);
      }
    }
    const final = event.type === 'final';
    const speech = final ? event.speech.map((stretch) => this.placed(stretch)) : [];
    const overlaps = final ? event.overlaps.map((stretch) => this.placed(stretch)) : [];
    this.booked.set(turn.turn, { ...turn, final, speech, overlaps });
    if (event.type === 'tentative') {
      this.speaking.delete(turn.channel);
      this.speaking.set(turn.channel, turn.turn);
      this.silentSamples.delete(turn.channel);
    }
    if (final && this.speaking.get(turn.channel) === turn.turn) this.speaking.delete(turn.channel);
    this.trim();
    return true;
  }

  private correct(event: Extract<TurnEvent, { type: 'correction' }>): boolean {
    const turn = this.told(event);
    const before = this.booked.get(turn.turn);
    if (before === undefined || before.revision >= event.revision) return false;
    this.booked.set(turn.turn, { ...before, ...turn });
    return true;
  }

  /** What an event says of its turn, in the numbers and the time of the whole. */
  private told<Event extends Extract<TurnEvent, { turn: number }>>(event: Event) {
    const { type, atSample, ...told } = this.placed(event);
    return { ...told, turn: this.firstTurn + event.turn };
  }

  /** A stretch of this session, in the time of the whole. */
  private placed<Placed extends { startSample: number; endSample: number }>(stretch: Placed): Placed {
    const { startSample, endSample } = stretch;
    return {
      ...stretch,
      startSample: this.firstSample + startSample,
      endSample: this.firstSample + endSample,
    };
  }

  private restart(offsetSeconds: number): boolean {
    this.stop();
    for (const [number, { final }] of this.booked) if (!final) this.booked.delete(number);
    this.firstTurn = Math.max(-1, ...this.booked.keys()) + 1;
    this.firstSample = Math.round(offsetSeconds * SAMPLE_RATE_HZ);
    return true;
  }

  private heard(sample: number): void {
    this.heardSample = Math.max(this.heardSample, this.firstSample + sample);
  }

  private stop(): boolean {
    const changed = this.speaking.size > 0;
    this.speaking.clear();
    return changed;
  }

  private trim(): void {
    // A Map keeps the order of insertion, and turns come in order but for revisions.
    while (this.booked.size > this.maxTurns) {
      this.booked.delete(Math.min(...[...this.booked.keys()].slice(0, 100)));
      this.droppedTurns++;
    }
  }
}
