import type { IdentifyEvent } from '../tracker/events.js';

/** One turn as it stands now. Positions are samples at 16 kHz from the start of the stream. */
export interface BookedTurn {
  readonly turn: number;
  readonly revision: number;
  readonly startSample: number;
  readonly endSample: number;
  readonly speaker: string;
  readonly known: boolean;
  readonly score: number;
  readonly probability: number;
  readonly overlap: boolean;
  readonly others: readonly string[];
  readonly final: boolean;
  /** What it was called before an unknown voice was named. */
  readonly was?: string;
}

/** Events as the service sends them; those that say nothing about turns are ignored. */
export type TurnEvent = { readonly type: string } | Exclude<IdentifyEvent, { type: 'named' }>;

/**
 * The turns of a stream, kept up to date: later revisions replace earlier ones, withdrawn turns disappear,
 * corrections rename. What a view shows, in order of time. The oldest turns beyond `maxTurns` are let go.
 */
export class TurnBook {
  private readonly booked = new Map<number, BookedTurn>();
  private speaking: number | undefined;
  /** How far the stream was heard, as far as the events tell. */
  heardSample = 0;
  /** Turns let go because there were too many. */
  droppedTurns = 0;

  constructor(private readonly maxTurns = 20_000) {}

  /** In order of time. */
  get turns(): BookedTurn[] {
    return [...this.booked.values()].sort((a, b) => a.turn - b.turn);
  }

  /** The turn in progress, or undefined while nobody speaks. */
  get current(): BookedTurn | undefined {
    return this.speaking === undefined ? undefined : this.booked.get(this.speaking);
  }

  /** Take one event; returns whether a turn or the current speaker changed. */
  apply(event: TurnEvent): boolean {
    if (!isTurnEvent(event)) return false;
    switch (event.type) {
      case 'tentative':
      case 'final':
        return this.tell(event);
      case 'correction':
        return this.correct(event);
      case 'silence':
        this.heardSample = Math.max(this.heardSample, event.atSample);
        return this.stop();
      case 'end':
        this.heardSample = Math.max(this.heardSample, event.endSample);
        return this.stop();
      default:
        return false;
    }
  }

  private tell(event: Extract<TurnEvent, { type: 'tentative' | 'final' }>): boolean {
    this.heardSample = Math.max(this.heardSample, event.atSample);
    const before = this.booked.get(event.turn);
    if (before !== undefined && (before.final || before.revision >= event.revision)) return false;
    // An event of one turn withdraws what was believed of later ones.
    for (const [turn, { final }] of this.booked) if (turn > event.turn && !final) this.booked.delete(turn);
    const { overlap, others } = event;
    this.booked.set(event.turn, { ...told(event), overlap, others, final: event.type === 'final' });
    if (event.type === 'tentative') this.speaking = event.turn;
    else if (this.speaking !== undefined && this.speaking <= event.turn) this.speaking = undefined;
    if (this.booked.size > this.maxTurns) {
      const oldest = Math.min(...this.booked.keys());
      this.booked.delete(oldest);
      this.droppedTurns++;
    }
    return true;
  }

  private correct(event: Extract<TurnEvent, { type: 'correction' }>): boolean {
    const before = this.booked.get(event.turn);
    if (before === undefined || before.revision >= event.revision) return false;
    this.booked.set(event.turn, { ...before, ...told(event), was: event.was });
    return true;
  }

  private stop(): boolean {
    const changed = this.speaking !== undefined;
    this.speaking = undefined;
    return changed;
  }
}

/** What an event says of its turn, and nothing else that it may hold. */
function told(event: Extract<TurnEvent, { turn: number }>) {
  const { turn, revision, startSample, endSample, speaker, known, score, probability } = event;
  return { turn, revision, startSample, endSample, speaker, known, score, probability };
}

const TURN_EVENTS = new Set(['tentative', 'final', 'correction', 'silence', 'end']);

function isTurnEvent(event: TurnEvent): event is Exclude<IdentifyEvent, { type: 'named' }> {
  return TURN_EVENTS.has(event.type);
}
