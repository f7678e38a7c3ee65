import { WhospeaksError } from '../../errors.js';
import type { AudioEncoding } from '../../protocol/index.js';
import type { Principal } from '../access/principal.js';
import type { Session } from '../session/session.js';
import type { CallListReply } from './call-messages.js';
import { Call, type CallParts } from './call.js';
import type { StartMessage } from './dialect.js';

export interface CallBookParts {
  /** How long a call waits for its provider to come back, and is kept for its readers after its end. */
  readonly waitSeconds: number;
  /** A call that has no track by then ends. */
  readonly soundTimeoutSeconds: number;
  /** Calls that are over and still kept, at most. */
  readonly maxEnded: number;
  readonly openSession: (principal: Principal, encoding: AudioEncoding, nowMs: number) => Session;
  readonly mayStay: (principal: Principal) => boolean;
  /** A call begins: whoever wants to read it may. */
  readonly onBegun: (call: Call, start: StartMessage) => void;
  readonly onEnded: CallParts['onEnded'] extends (...args: infer Args) => void
    ? (call: Call, ...args: Args) => void
    : never;
  /** Whether somebody still has to be told of an ended call. */
  readonly isRead: (call: Call) => boolean;
}

/** The calls that run, wait for their provider, or were over a moment ago: by group and the provider's id of the call. */
export class CallBook {
  readonly #parts: CallBookParts;
  readonly #calls = new Map<string, Call>();

  constructor(parts: CallBookParts) {
    this.#parts = parts;
  }

  /**
   * The call of this start: one that waits goes on.
   * @throws {WhospeaksError} `protocol-message` where it is of another provider or encoding: its sound would be heard as noise
   */
  of(principal: Principal, provider: CallParts['provider'], start: StartMessage, nowMs: number): Call {
    const key = keyOf(principal.group, start.call);
    const there = this.#calls.get(key);
    const { encoding } = start;
    if (there !== undefined && !there.isEnded) {
      const { parts } = there;
      if (parts.provider === provider && parts.encoding === encoding) return there;
      throw new WhospeaksError(
        'protocol-message',
        `the call is there already, of ${parts.provider} in ${parts.encoding}; a connection of ${provider} in ${encoding} cannot go on with it`,
      );
    }
    const { waitSeconds, soundTimeoutSeconds, openSession, onBegun, onEnded } = this.#parts;
    const call: Call = new Call(
      {
        id: start.call,
        provider,
        encoding,
        principal,
        waitSeconds,
        soundTimeoutSeconds,
        openSession: (atMs) => openSession(principal, encoding, atMs),
        onEnded: (code, seconds) => {
          onEnded(call, code, seconds);
        },
      },
      nowMs,
    );
    onBegun(call, start);
    // Behind those that began before it.
    this.#calls.delete(key);
    this.#calls.set(key, call);
    return call;
  }

  /** @throws {WhospeaksError} `session-unknown` */
  find(group: string, id: string): Call {
    const call = this.#calls.get(keyOf(group, id));
    if (call !== undefined) return call;
    throw new WhospeaksError('session-unknown', 'there is no such call in this group; it may be over');
  }

  list(group: string): CallListReply {
    const calls = [...this.#calls.values()].filter(({ parts }) => parts.principal.group === group);
    return {
      calls: calls.map((call) => ({
        call: call.parts.id,
        provider: call.parts.provider,
        state: call.state,
        seconds: call.seconds,
        lastMessage: call.log.lastId,
        sessions: call.sessions,
      })),
    };
  }

  /** Calls that are not over. */
  get running(): number {
    return [...this.#calls.values()].filter(({ isEnded }) => !isEnded).length;
  }

  tick(nowMs: number): void {
    const { waitSeconds, maxEnded, mayStay, isRead } = this.#parts;
    const ended = new Map<string, string[]>();
    for (const [key, call] of this.#calls) {
      if (!mayStay(call.parts.principal)) {
        call.abandon(
          new WhospeaksError('server-unauthorized', 'the token of this call is not valid any more'),
          nowMs,
        );
        this.#calls.delete(key);
        continue;
      }
      call.tick(nowMs);
      if (!call.isEnded) continue;
      if (nowMs - call.endedAtMs >= waitSeconds * 1000 && isRead(call)) this.#calls.delete(key);
      else {
        const { group } = call.parts.principal;
        ended.set(group, [...(ended.get(group) ?? []), key]);
      }
    }
    const groups = [...ended.values()];
    // Whoever has many calls does not make others' calls forgotten.
    for (let surplus = groups.flat().length - maxEnded; surplus > 0; surplus--) {
      const most = groups.reduce((a, b) => (b.length > a.length ? b : a));
      this.#calls.delete(most.shift()!);
    }
  }

  close(nowMs: number): void {
    for (const call of this.#calls.values())
      call.abandon(new WhospeaksError('server-draining', 'the server shuts down'), nowMs);
    this.#calls.clear();
  }
}

function keyOf(group: string, call: string): string {
  return `${group}/${call}`;
}
