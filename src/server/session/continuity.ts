import { Subject, type Observable } from 'rxjs';
import type { StreamSnapshot } from '../../snapshot/types.js';
import type { Profile } from '../../speakers/index.js';
import type { AudioMark } from './audio-intake.js';

/** How often a session can be gone on with elsewhere: the most that is computed again, seconds of sound. */
export const SNAPSHOT_SECONDS = 5;

/** How long a state that is not renewed is kept, ms: as long as a client may take to come back after its server is lost. */
export const KEEP_MS = 90_000;
/** A state is renewed when none was kept for so long, ms: no sound comes, no client is there, or the stream is over. */
const RENEW_MS = 20_000;
/** A client is told of its session at the latest after so long, ms, also where no state of it is kept yet. */
const BEGIN_MS = 2000;

/** What another server needs to go on with a session. */
export interface SessionState {
  readonly sample: number;
  readonly snapshot: Uint8Array;
  readonly audio: AudioMark;
  /** Id of the last event that the stream told before. */
  readonly lastEvent: number;
  /** Messages of the last of them: those that wait for what comes before they are sent. */
  readonly untold: readonly string[];
  /** Speakers that this session alone knows. */
  readonly own: readonly Profile[];
}

/** A session that is taken up. */
export interface TakenUp {
  readonly state: SessionState;
  /** Id of the last event that was told, before or after the snapshot: those after it come again, and are not told twice. */
  readonly lastTold: number;
  /** Messages of the last of them: those that the client does not have. */
  readonly backlog: readonly string[];
  /** Whether the group's speakers are others than those of the snapshot. */
  readonly hasOtherSpeakers: boolean;
}

export interface ContinuityParts {
  /** Keep a state where other servers find it; resolves when it is there. */
  readonly keep: (state: SessionState) => Promise<void>;
  readonly takenUp?: TakenUp | undefined;
  /** A state was not kept, for a newer one came before NATS had the one that was on its way. */
  readonly onSkipped?: (() => void) | undefined;
}

interface Keeping {
  readonly state: SessionState;
  /** Commands that it has. */
  readonly commands: number;
}

/** Options of `identify` with which a stream tells its state, or goes on from one. */
export interface SnapshotPipe {
  readonly snapshots: {
    readonly everySeconds: number;
    readonly when: Observable<unknown>;
    readonly onSnapshot: (snapshot: StreamSnapshot) => void;
  };
  readonly resume?: Uint8Array | undefined;
}

/**
 * Keeps the state of one session where other servers find it. What is acknowledged to the client, and what came of its commands,
 * waits until it is kept.
 */
export class Continuity {
  readonly #parts: ContinuityParts;
  readonly #stateOf: (snapshot: StreamSnapshot) => SessionState;
  readonly #wanted = new Subject<void>();
  #kept: AudioMark | null;
  /** The newest state, kept or to be kept. */
  #newest: Keeping | null = null;
  /** At most one is on its way, and one waits: where NATS is slow, a newer state takes the place of that. */
  #next: Keeping | null = null;
  #isKeeping = false;
  #begun: Promise<void> = Promise.resolve();
  #isGivenUp = false;
  #isClosed = false;
  #nowMs = 0;
  #keptAtMs: number | undefined;
  #renewedAtMs = 0;
  /** Commands that were given, and of how many a state is kept. */
  #commands = 0;
  #keptCommands = 0;
  #waiting: { readonly commands: number; readonly resolve: () => void }[] = [];

  constructor(parts: ContinuityParts, stateOf: (snapshot: StreamSnapshot) => SessionState) {
    this.#parts = parts;
    this.#stateOf = stateOf;
    this.#kept = parts.takenUp?.state.audio ?? null;
  }

  /** The client need not send what comes before it again. Null: all of it. */
  get kept(): AudioMark | null {
    return this.#kept;
  }

  /** NATS took nothing for so long that what it had is forgotten: the client need not keep its sound any longer. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Call often, also where the client is gone or the stream is over. @param hears whether sound may come */
  tick(nowMs: number, hears: boolean): void {
    this.#nowMs = nowMs;
    this.#keptAtMs ??= nowMs;
    const sinceMs = nowMs - this.#keptAtMs;
    if (hears && sinceMs > KEEP_MS) this.#isGivenUp = true;
    if (sinceMs <= RENEW_MS || nowMs - this.#renewedAtMs <= RENEW_MS) return;
    this.#renewedAtMs = nowMs;
    if (this.#newest !== null && !this.#isKeeping) void this.#run(this.#newest);
  }

  pipe(): SnapshotPipe {
    const snapshot = this.#parts.takenUp?.state.snapshot;
    return {
      snapshots: {
        everySeconds: SNAPSHOT_SECONDS,
        when: this.#wanted,
        onSnapshot: (taken) => {
          this.#keep(taken);
        },
      },
      ...(snapshot === undefined || snapshot.length === 0 ? {} : { resume: snapshot }),
    };
  }

  /** A command goes to the stream: what comes of it is held back until a state that has it is kept. */
  commanded(): void {
    this.#commands++;
    this.#wanted.next();
  }

  /** Resolves when all commands given so far are kept. Never rejects. */
  settled(): Promise<void> {
    const commands = this.#commands;
    if (this.#keptCommands >= commands) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ commands, resolve }));
  }

  /** Keep the state as it is now; resolves when it is there, or after a time. */
  async save(mostMs: number): Promise<void> {
    this.commanded();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, mostMs);
    });
    await Promise.race([this.settled(), late]);
    clearTimeout(timer);
  }

  close(): void {
    this.#isClosed = true;
    this.#next = null;
    this.#wanted.complete();
    this.#settle(Infinity);
  }

  /**
   * A new session can be gone on with before any sound of it is heard: from its beginning. Resolves when that is kept, or after a
   * time.
   */
  async begin(): Promise<void> {
    this.#keep({ sample: 0, bytes: new Uint8Array(0) });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, BEGIN_MS);
    });
    await Promise.race([this.#begun, late]);
    clearTimeout(timer);
  }

  #keep(taken: StreamSnapshot): void {
    const keeping: Keeping = { state: this.#stateOf(taken), commands: this.#commands };
    this.#newest = keeping;
    if (!this.#isKeeping) {
      this.#begun = this.#run(keeping);
      return;
    }
    if (this.#next !== null) this.#parts.onSkipped?.();
    this.#next = keeping;
  }

  async #run(first: Keeping): Promise<void> {
    this.#isKeeping = true;
    for (let each: Keeping | null = first; each !== null && !this.#isClosed;) {
      const { state, commands } = each;
      try {
        await this.#parts.keep(state);
        this.#kept = state.audio;
        this.#keptAtMs = this.#nowMs;
        this.#isGivenUp = false;
      } catch {
        // Out of reach: the client keeps its sound for longer, and nobody waits.
      }
      this.#settle(commands);
      each = this.#next;
      this.#next = null;
    }
    this.#isKeeping = false;
  }

  #settle(commands: number): void {
    this.#keptCommands = Math.max(this.#keptCommands, commands);
    const done = this.#waiting.filter((each) => each.commands <= commands);
    this.#waiting = this.#waiting.filter((each) => each.commands > commands);
    for (const { resolve } of done) resolve();
  }
}
