import { WhospeaksError, isWhospeaksError } from '../../errors.js';
import {
  CLOSE,
  PROTOCOL_VERSION,
  decodeAudioMessage,
  type CloseCode,
  type ErrorMessage,
  type Resume,
  type Welcome,
} from '../../protocol/index.js';
import type { Principal } from '../access/principal.js';
import { parseClientMessage, type CheckedHello, type CheckedMessage } from '../messages.js';
import { closeReasonOf, closeWith, type Elsewhere } from './close-reason.js';
import type { ClientLink } from './link.js';
import type { SessionRegistry } from './registry.js';
import type { Session } from './session.js';

/** What the welcome says that is the same for everybody. */
export interface ConnectionSettings {
  readonly helloTimeoutSeconds: number;
  readonly resumeWindowSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly maxMessageBytes: number;
  readonly defaultLatencySeconds: number;
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly elsewhere?: Elsewhere | undefined;
}

export type TakeUp = (principal: Principal, hello: CheckedHello, resume: Resume) => Promise<number>;

export interface ConnectionParts {
  readonly link: ClientLink;
  readonly principal: Principal;
  readonly registry: SessionRegistry;
  readonly settings: ConnectionSettings;
  /**
   * See to it that the session is here, if another server of the fleet has it; resolves with the time. Rejects with what the
   * resume is refused with.
   */
  readonly takeUp?: TakeUp | undefined;
  /** For the log and the metrics: the connection ended this way. */
  readonly onClosed: (code: CloseCode, error: unknown) => void;
}

/**
 * One WebSocket, from its hello on: every message goes through here, whatever it holds. A message that must not be
 * ends the connection, and nothing else.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #openedAtMs: number;
  #session: Session | null = null;
  #isRaw = false;
  #isTakingUp = false;
  #isClosed = false;

  constructor(parts: ConnectionParts, nowMs: number) {
    this.#parts = parts;
    this.#openedAtMs = nowMs;
  }

  get session(): Session | null {
    return this.#session;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onText(text: string, nowMs: number): void {
    this.#guard(() => {
      this.#onMessage(parseClientMessage(text), nowMs);
    }, nowMs);
  }

  onBinary(bytes: Uint8Array, nowMs: number): void {
    this.#guard(() => {
      const session = this.#opened();
      if (this.#isRaw) {
        session.pushRaw(bytes, nowMs);
        return;
      }
      const message = decodeAudioMessage(bytes);
      if (message === null) {
        throw new WhospeaksError(
          'protocol-message',
          `a binary message of ${bytes.length} bytes has no audio in it`,
        );
      }
      session.pushAudio(message, nowMs);
    }, nowMs);
  }

  /** Begin with this hello: from the first message, or from the URL. */
  hello(hello: CheckedHello, nowMs: number): void {
    this.#guard(() => {
      this.#onHello(hello, nowMs);
    }, nowMs);
  }

  /** The socket is closed, by whomever. */
  onSocketClosed(code: number, nowMs: number): void {
    this.#isClosed = true;
    const session = this.#session;
    if (session === null) return;
    session.detach(this.#parts.link, nowMs);
    // Closed with `done`, the client has given up, or has read everything up to our own close.
    if (!session.isConnected && (code === CLOSE.done || this.#isRaw)) this.#parts.registry.remove(session);
  }

  /** Hang up, for this reason. */
  end(error: unknown, nowMs: number): void {
    if (!this.#isClosed) this.#fail(error, nowMs);
  }

  tick(nowMs: number): void {
    if (this.#session !== null || this.#isClosed) return;
    const { helloTimeoutSeconds } = this.#parts.settings;
    if (nowMs - this.#openedAtMs < helloTimeoutSeconds * 1000) return;
    this.#fail(new WhospeaksError('server-timeout', `no hello came within ${helloTimeoutSeconds} s`), nowMs);
  }

  #guard(work: () => void, nowMs: number): void {
    if (this.#isClosed || !this.#parts.link.isOpen) return;
    try {
      work();
    } catch (error) {
      this.#fail(error, nowMs);
    }
  }

  #fail(error: unknown, nowMs: number): void {
    this.#isClosed = true;
    this.#session?.detach(this.#parts.link, nowMs);
    const { closeCode } = closeWith(this.#parts.link, error, this.#parts.settings.elsewhere);
    this.#parts.onClosed(closeCode, error);
  }

  #onMessage(message: CheckedMessage, nowMs: number): void {
    if (message.type === 'hello') {
      this.#onHello(message, nowMs);
      return;
    }
    const session = this.#opened();
    if (message.type === 'end') session.end(message.messages);
    else if (message.type === 'received') session.received(message.event);
    else if (message.type === 'assign') {
      const { turn, speaker } = message;
      session.assign(message).catch((error: unknown) => {
        refuse(session, error, { turn, speaker });
      });
    } else if (message.type === 'words') {
      const { type, sequence } = message;
      try {
        session.pushWords(message);
      } catch (error) {
        if (!isWhospeaksError(error) || error.code.startsWith('protocol-')) throw error;
        refuse(session, error, { type, sequence });
      }
    } else {
      const { save, ...command } = message;
      const { label, speaker } = command;
      session.name(command, save).catch((error: unknown) => {
        refuse(session, error, { label, speaker });
      });
    }
  }

  #onHello(hello: CheckedHello, nowMs: number): void {
    if (this.#session !== null) {
      throw new WhospeaksError(
        'protocol-message',
        'the hello was said already; one connection is one stream',
      );
    }
    const { principal, registry, link } = this.#parts;
    if (hello.group !== undefined && hello.group !== principal.group) {
      throw new WhospeaksError('server-forbidden', 'this token is not for that group; leave "group" out');
    }
    const { takeUp } = this.#parts;
    if (hello.resume !== undefined && takeUp !== undefined && !this.#isTakingUp) {
      this.#isTakingUp = true;
      const { resume } = hello;
      void takeUp(principal, hello, resume).then(
        (isHere) => {
          // Also where there is none: the registry says so.
          if (!this.#isClosed) this.hello(hello, isHere);
        },
        (error: unknown) => {
          this.#refuseTakeUp(error, nowMs);
        },
      );
      return;
    }
    if (hello.resume !== undefined) {
      const { lastEvent, token } = hello.resume;
      const session = registry.resume(principal, hello, hello.resume);
      this.#begin(session, hello);
      this.#welcome(session, token, hello);
      session.attach(link, lastEvent, nowMs);
      return;
    }
    const { session, resumeToken } = registry.open(principal, hello, nowMs);
    this.#begin(session, hello);
    const welcome = (): void => {
      this.#welcome(session, resumeToken, hello);
      session.attach(link, 0, nowMs);
    };
    if (session.begun === undefined) welcome();
    // From the welcome on, the client may come back on any server.
    else
      void session.begun.then(() => {
        if (session.isOver) this.end(new WhospeaksError('session-unknown', 'the session was ended'), nowMs);
        else this.#guard(welcome, nowMs);
      });
  }

  /** No room here is no reason to begin anew: the session may go on where there is some. */
  #refuseTakeUp(error: unknown, nowMs: number): void {
    const hasNoRoom = isWhospeaksError(error, 'server-full') || isWhospeaksError(error, 'server-draining');
    const { link, settings, onClosed } = this.#parts;
    if (this.#isClosed || !hasNoRoom || (settings.elsewhere?.() ?? null) !== null) {
      this.end(error, nowMs);
      return;
    }
    this.#isClosed = true;
    link.close(CLOSE.goingAway, error.code);
    onClosed(CLOSE.goingAway, error);
  }

  #begin(session: Session, hello: CheckedHello): void {
    this.#session = session;
    this.#isRaw = hello.framing === 'raw';
  }

  #welcome(session: Session, resumeToken: string, hello: CheckedHello): void {
    const { link, settings, principal } = this.#parts;
    const welcome: Welcome = {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      session: session.id,
      resumeToken,
      resumeWindowSeconds: settings.resumeWindowSeconds,
      resumed: hello.resume !== undefined,
      nextSequence: session.nextSequence,
      ...(session.nextWords === undefined ? {} : { nextWords: session.nextWords }),
      creditBytes: session.grant(),
      maxMessageBytes: settings.maxMessageBytes,
      idleTimeoutSeconds: settings.idleTimeoutSeconds,
      latencySeconds: hello.latencySeconds ?? settings.defaultLatencySeconds,
      group: principal.group,
      speakers: session.speakerNames(),
      model: settings.model,
    };
    link.send(JSON.stringify(welcome));
  }

  #opened(): Session {
    if (this.#session === null) {
      throw new WhospeaksError(
        'protocol-message',
        'the first message must be the hello, and audio waits for the welcome',
      );
    }
    return this.#session;
  }
}

/** Told to whoever is connected then; the stream goes on. */
function refuse(session: Session, error: unknown, answers: NonNullable<ErrorMessage['answers']>): void {
  const told = isWhospeaksError(error) ? error : closeReasonOf(error).message;
  session.send({ type: 'error', code: told.code, message: told.message, fatal: false, answers });
}
