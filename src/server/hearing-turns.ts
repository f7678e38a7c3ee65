import { WhospeaksError } from '../errors.js';
import { usableCores } from '../native/cpu-quota.js';
import { FairTurns } from './fair-turns.js';

/** Requests of one group that may be under way at once: each holds its recordings in memory. */
const MAX_AT_ONCE = 4;
/** Share of the processors that recordings of all groups may be decoded and embedded on; live streams have the rest. */
const PROCESSOR_SHARE = 0.5;

/** Runs a piece of work when it is the group's turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Requests whose recordings are heard while they wait for the answer: enrolments, and voices that are compared. */
export class HearingTurns {
  // By group, so that none learns from a refusal what another does.
  readonly #underWay = new Map<string, number>();
  readonly #turns = new FairTurns(Math.max(1, Math.floor(PROCESSOR_SHARE * usableCores())));

  /** Rejects with `server-limit` where too many of the group are under way. */
  async take<T>(group: string, request: (inTurn: InTurn) => Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(group) ?? 0;
    if (underWay >= MAX_AT_ONCE) {
      throw new WhospeaksError(
        'server-limit',
        'too many recordings of this group are heard at once; try again in a moment',
      );
    }
    this.#underWay.set(group, underWay + 1);
    try {
      return await request((work) => this.#turns.run(group, work));
    } finally {
      const left = this.#underWay.get(group)! - 1;
      if (left === 0) this.#underWay.delete(group);
      else this.#underWay.set(group, left);
    }
  }
}
