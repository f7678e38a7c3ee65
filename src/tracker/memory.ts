import { NOVEL } from '../scoring/voice.js';
import { UNKNOWN, type CorrectionEvent } from '../events/events.js';
import type { Pooled } from '../turns/evidence-pool.js';
import type { Judge } from './judge.js';
import type { Roster, Speaker } from './roster.js';
import { WHO } from './settings.js';
import type { StreamLevel } from './stream-level.js';
import type { Heard, Opinion, Verdict, Weighed } from './weighed.js';

/** The last report of a settled turn. */
export interface Told {
  readonly turn: number;
  readonly revision: number;
  readonly startSample: number;
  readonly endSample: number;
  readonly speaker: string;
  readonly score: number;
  readonly probability: number;
}

/** A settled turn as it was told, and whose it was then. */
interface Settled {
  told: Told;
  id: number;
  /** Undefined where two spoke, or perhaps nobody, and of one that is too long ago. */
  weighed: Weighed | undefined;
}

interface MemoryState {
  readonly settled: Settled[];
  readonly weighed: Weighed[];
}

/** Settled turns kept, whose speaker may still be named. */
const MAX_TURNS = 5000;
/** Windows kept of each turn, to enrol a voice from. */
const MAX_TURN_WINDOWS = 8;
/** Windows that a voice is enrolled from. */
const MAX_WINDOWS = 32;
/** Unknown speakers without a label that are kept. */
const MAX_NAMELESS = 8;

interface Parts {
  readonly roster: Roster;
  readonly judge: Judge;
  readonly level: StreamLevel;
  /** Unknown speakers with a label that are kept. */
  readonly maxUnknown: number;
}

/**
 * The settled turns of a stream, and whose each is. When another is settled, the last ones are weighed again, each by what all
 * the others say of the speakers, until nothing changes: coordinate ascent on the posterior of a mixture whose components are the
 * enrolled speakers, the unknown ones so far, and somebody new. What changes is told as corrections.
 */
export class Memory {
  readonly #parts: Parts;
  #settled: Settled[] = [];
  /** The last ones, in order of time. */
  #weighed: Weighed[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A turn is settled: whose it is, now that it is weighed with the others. @param owner whose a person says it is. */
  weigh(heard: Heard, windows: readonly Float32Array[], verdict: Verdict, owner?: number): Weighed {
    const weighed: Weighed = {
      heard,
      windows: windows.slice(-MAX_TURN_WINDOWS),
      verdict: opinionOf(verdict),
      id: owner ?? verdict.voice?.id ?? NOVEL,
      isAssigned: owner !== undefined,
      isOver: false,
    };
    this.#weighed.push(weighed);
    if (this.#weighed.length > WHO.turns) this.#forget(this.#weighed.shift()!);
    if (owner === undefined) this.#give(weighed, verdict);
    else this.#refresh(owner);
    this.#sweep();
    return weighed;
  }

  /** How the turn was told. @param id whose it was then. */
  add(told: Told, id: number, weighed: Weighed | undefined): void {
    if (weighed === undefined && !this.#isStrangers(id)) return;
    // Of an event only this is kept: there are many.
    const { turn, revision, startSample, endSample, speaker, score, probability } = told;
    const kept = { turn, revision, startSample, endSample, speaker, score, probability };
    this.#settled.push({ told: kept, id, weighed });
    if (this.#settled.length > MAX_TURNS + MAX_TURNS / 10) this.#settled = this.#settled.slice(-MAX_TURNS);
  }

  /** What is to be told of settled turns: whose they are now, and how those are called now. */
  corrections(atSample: number): CorrectionEvent[] {
    return this.#settled.flatMap((settled) => {
      const { told, weighed } = settled;
      let { score, probability } = told;
      // One that is not sure enough to be another's stays whose it was told to be, whatever that one is called now.
      const isSure =
        weighed?.isAssigned === true || (weighed?.verdict.probability ?? 0) >= WHO.correctProbability;
      if (weighed !== undefined && weighed.id !== settled.id && isSure) {
        settled.id = weighed.id;
        ({ score, probability } = weighed.verdict);
      }
      if (weighed?.isAssigned === true) {
        probability = 1;
      }
      const speaker = this.#parts.roster.speaker(settled.id);
      // A voice that was dropped: its turns keep their label.
      if (speaker === undefined && settled.id !== NOVEL) return [];
      const label = speaker?.label ?? UNKNOWN;
      if (label === told.speaker) return [];
      const { turn, revision, startSample, endSample, speaker: was } = told;
      const place = { turn, revision: revision + 1, startSample, endSample, atSample };
      const who = { speaker: label, known: speaker?.known ?? false, score, probability };
      settled.told = { ...place, ...who };
      return [{ type: 'correction', ...place, ...who, was }];
    });
  }

  /** Whether later turns may show that this one is another's. */
  mayChange(turn: number): boolean {
    return this.#settled.some(({ told, weighed }) => told.turn === turn && weighed !== undefined);
  }

  /** What is kept of a voice, to enrol it from. */
  recorded(id: number): (Pooled & { readonly seconds: number }) | undefined {
    const speaker = this.#parts.roster.speaker(id);
    if (speaker === undefined) return undefined;
    const windows = speaker.turns.flatMap((turn) => turn.windows).slice(-MAX_WINDOWS);
    return { direction: speaker.voice.centroid, windows, seconds: speaker.seconds };
  }

  /** Everything of one voice is another's from now on, as a person says. */
  giveAll(from: number, into: number): void {
    const { roster } = this.#parts;
    const [one, other] = [roster.speaker(from), roster.speaker(into)];
    for (const settled of this.#settled) if (settled.id === from) settled.id = into;
    const turns = [...(one?.turns ?? []), ...(other?.known === false ? other.turns : []), ...this.#weighed];
    for (const weighed of new Set(turns)) {
      if (weighed.id !== from && (weighed.id !== into || other?.known === true)) continue;
      weighed.id = into;
      weighed.isAssigned = true;
    }
    if (from !== into) roster.drop(from);
    this.#refresh(into, one?.turns);
    this.#sweep();
  }

  /** A turn is this speaker's, or nobody's (`NOVEL`), as a person says. */
  assign(turn: number, id: number): void {
    const settled = this.#settled.find(({ told }) => told.turn === turn);
    if (settled === undefined) return;
    settled.id = id;
    const { weighed } = settled;
    if (weighed === undefined) return;
    const before = weighed.id;
    weighed.id = id;
    weighed.isAssigned = true;
    this.#refresh(before);
    this.#refresh(id);
    this.#sweep();
  }

  /** Others are enrolled. */
  restart(): void {
    const { roster } = this.#parts;
    for (const weighed of this.#weighed) {
      // What a person gave to one who is gone is nobody else's.
      if (!weighed.isAssigned && roster.speaker(weighed.id) === undefined) weighed.id = NOVEL;
    }
    // Whose profile is another one has heard nothing yet.
    for (const { id } of roster.enrolled) this.#refresh(id);
    this.#sweep();
  }

  save(): MemoryState {
    return { settled: this.#settled, weighed: this.#weighed };
  }

  load({ settled, weighed }: MemoryState): void {
    this.#settled = settled;
    this.#weighed = weighed;
  }

  #forget(weighed: Weighed): void {
    weighed.isOver = true;
    const at = this.#settled.findIndex((other) => other.weighed === weighed);
    if (at < 0) return;
    if (this.#isStrangers(this.#settled[at]!.id)) this.#settled[at]!.weighed = undefined;
    else this.#settled.splice(at, 1);
  }

  /** Of these alone something may still be told when they are not weighed any more: a name. */
  #isStrangers(id: number): boolean {
    return this.#parts.roster.speaker(id)?.known === false;
  }

  #sweep(): void {
    const { judge, roster } = this.#parts;
    for (let sweep = 0, isChanged = true; isChanged && sweep < WHO.sweeps; sweep++) {
      isChanged = false;
      const heard = new Set<number>();
      for (const weighed of this.#weighed) {
        if (weighed.isAssigned) continue;
        const before = weighed.id;
        this.#give(weighed, judge.weigh(weighed.heard, weighed));
        if (weighed.id !== before) isChanged = true;
        else heard.add(before);
      }
      for (const id of heard) this.#refresh(id);
    }
    const judged = this.#weighed
      .flatMap(({ heard, verdict: { nearest } }) =>
        nearest === null || heard.seconds < WHO.priorSeconds ? [] : [1 - nearest.probability],
      )
      .slice(-WHO.priorRecentTurns);
    judge.learn({ strangers: judged.reduce((sum, share) => sum + share, 0), turns: judged.length });
    for (const speaker of roster.strangers) this.#label(speaker);
    this.#makeRoom();
  }

  /** The turn is whose the verdict says; speech that is nobody's founds an unknown speaker. */
  #give(weighed: Weighed, verdict: Verdict): void {
    const { roster, level } = this.#parts;
    const before = roster.speaker(weighed.id);
    weighed.verdict = opinionOf(verdict);
    level.learn(weighed);
    let id = verdict.voice?.id ?? NOVEL;
    // The only turn of a voice is all that is known of it.
    if (id === NOVEL && before?.isOnly(weighed) === true) id = before.id;
    else if (id === NOVEL && founds(weighed)) ({ id } = roster.found(weighed.heard.direction));
    const isHeard = before?.turns.includes(weighed) ?? id === NOVEL;
    if (id === weighed.id && isHeard) return;
    weighed.id = id;
    if (before !== undefined && before.id !== id) this.#refresh(before.id);
    this.#refresh(id);
    if (before === undefined || roster.speaker(before.id) !== undefined || !this.#isStrangers(id)) return;
    // Of two labels of one voice, the older stays; and what cannot be weighed again is that voice's too.
    roster.inherit(id, before.label);
    for (const settled of this.#settled)
      if (settled.id === before.id && settled.weighed === undefined) settled.id = id;
  }

  /** A speaker is known by the turns that are its own. @param also those that another had, from long ago too. */
  #refresh(id: number, also: readonly Weighed[] = []): void {
    const { roster } = this.#parts;
    const speaker = roster.speaker(id);
    if (speaker === undefined) return;
    const old = [...also, ...speaker.turns].filter((turn) => turn.isOver && turn.id === id);
    speaker.hear([...old, ...this.#weighed.filter((turn) => turn.id === id)]);
    if (!speaker.known && speaker.turns.length === 0) roster.drop(id);
    let kept = 0;
    for (const turn of [...speaker.turns].reverse()) {
      if (kept >= MAX_WINDOWS) turn.windows = [];
      kept += turn.windows.length;
    }
  }

  #label(speaker: Speaker): void {
    const { seconds, sureSeconds, label } = speaker;
    const isEarned = seconds >= WHO.labelSeconds && sureSeconds >= WHO.labelShare * seconds;
    if (label === UNKNOWN && isEarned) this.#parts.roster.label(speaker);
  }

  /** The unknown speakers that were not heard for longest are dropped; their turns keep their labels. */
  #makeRoom(): void {
    const { roster, maxUnknown } = this.#parts;
    const since = ({ turns }: Speaker): number => turns.at(-1)!.heard.atSample;
    for (const [hasLabel, most] of [[true, maxUnknown] as const, [false, MAX_NAMELESS] as const]) {
      const group = roster.strangers.filter(({ label }) => (label !== UNKNOWN) === hasLabel);
      group.sort((a, b) => since(a) - since(b) || a.id - b.id);
      for (const { id } of group.slice(0, Math.max(0, group.length - most))) {
        roster.drop(id);
        for (const turn of this.#weighed) if (turn.id === id) this.#forget(turn);
        this.#weighed = this.#weighed.filter((turn) => turn.id !== id);
      }
    }
  }
}

function opinionOf({ score, probability, voiceProbability, knownLogOdds, nearest }: Verdict): Opinion {
  return { score, probability, voiceProbability, knownLogOdds, nearest };
}

function founds({ heard, verdict }: Weighed): boolean {
  return heard.isVoice && heard.seconds >= WHO.foundSeconds && verdict.knownLogOdds < WHO.foundLogOdds;
}
