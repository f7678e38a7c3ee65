import { BehaviorSubject, Subject } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import {
  CLOSE,
  frameBytes,
  mayRestart,
  mayResume,
  PROTOCOL_VERSION,
  type ClientMessage,
  type ErrorMessage,
  type Hello,
  type ServerMessage,
  type StreamWords,
  type Welcome,
  type WireEvent,
} from '../protocol/index.js';
import { backoffMs } from './backoff.js';
import type { Notice, Status, StreamEvent } from './events.js';
import { RequestError, toErrorCode } from './http.js';
import { serviceUrl, type ResolvedOptions } from './options.js';
import { Outbox } from './outbox.js';
import { isSpeakable, PendingCommands, unspeakable, type CommandMessage } from './pending-commands.js';
import { ServerSocket } from './server-socket.js';
import { SessionWords } from './session-words.js';
import { WordOutbox } from './word-outbox.js';
import type { LiveWordEvent } from '../transcript/words/word-book.js';

const MESSAGE_SECONDS = 0.1;
const MESSAGE_BYTES = 32_768;
/** Events after which the server is told that it may forget them. */
const RECEIVED_EVERY = 16;
const WELCOME_MS = 15_000;

/**
 * A session over as many WebSockets as it takes: connects, waits, resumes, begins anew, and gives up where
 * that makes no sense. What it tells goes into its subjects.
 */
export class Connection {
  readonly events = new Subject<StreamEvent>();
  readonly namedWords = new Subject<LiveWordEvent>();
  readonly notices = new Subject<Notice>();
  readonly status = new BehaviorSubject<Status>({ state: 'connecting', attempt: 0 });
  readonly outbox: Outbox;
  /** Frame of the client's audio at which the time of the present session begins. */
  sessionStartFrame = 0;
  private readonly commands = new PendingCommands();
  private readonly wordOutbox = new WordOutbox();
  private readonly sessionWords = new SessionWords();
  private readonly socket: ServerSocket;
  private welcome: Welcome | undefined;
  private open = false;
  private everOpen = false;
  private lastEvent = 0;
  private attempt = 0;
  private ending = false;
  private endTold = false;
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private endHeard = false;
  private fatal: ErrorMessage | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly watch: ReturnType<typeof setInterval>;
  private readonly retryNow = (): void => {
    if (this.status.value.state === 'waiting') this.connectSoon(0);
  };

  constructor(private readonly options: ResolvedOptions) {
    const { encoding, channels, sampleRateHz, bufferSeconds, live } = options;
    const bytes = frameBytes(encoding, channels);
    this.outbox = new Outbox({
      frameBytes: bytes,
      maxFrames: Math.ceil(bufferSeconds * sampleRateHz),
      maxMessageFrames: Math.floor(Math.min(MESSAGE_SECONDS * sampleRateHz, MESSAGE_BYTES / bytes)),
      dropOldest: live,
    });
    this.socket = new ServerSocket(options, {
      onOpen: () => {
        this.tell(this.hello());
      },
      onMessage: (message) => {
        this.hear(message);
      },
      onClose: (code) => {
        this.lost(code);
      },
      onRefused: (error) => {
        this.refused(error);
      },
    });
    this.watch = setInterval(() => {
      this.checkStall();
    }, 1000);
    if (typeof globalThis.addEventListener === 'function')
      globalThis.addEventListener('online', this.retryNow);
    this.connectSoon(0);
  }

  get closed(): boolean {
    return this.status.value.state === 'closed';
  }

  /** Send what may be sent. */
  flush(): void {
    if (!this.open || !this.socket.isOpen) return;
    for (const message of this.outbox.take()) this.socket.send(message);
    if (!this.outbox.full) for (const { resolve } of this.waiting.splice(0)) resolve();
    const isAllSent = this.ending && this.outbox.empty;
    // Words follow their audio: the server knows then that it is there.
    const sentSeconds = isAllSent ? Infinity : this.outbox.sentFrame / this.options.sampleRateHz;
    for (const message of this.wordOutbox.take(sentSeconds)) this.tell({ type: 'words', ...message });
    if (isAllSent && !this.endTold) {
      this.endTold = true;
      this.tell({ type: 'end', messages: this.outbox.messages });
    }
  }

  /** Resolves when a recording may send more. */
  room(): Promise<void> {
    const room = new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
    // Whoever does not await it hears of a lost stream from the events.
    room.catch(() => undefined);
    return room;
  }

  end(): void {
    if (this.ending) return;
    this.ending = true;
    if (this.outbox.partialBytes > 0) this.notices.next(cutShort());
    this.flush();
  }

  command(message: CommandMessage): Promise<void> {
    if (this.closed) return Promise.reject(ended());
    // The server would end the stream of a client that cannot speak.
    if (!isSpeakable(message)) return Promise.reject(unspeakable());
    if (this.open) this.tell(message);
    return this.commands.add(message);
  }

  /** @throws WhospeaksError as `SpeakerStream.sendWords` */
  sendWords(words: StreamWords): void {
    if (!this.options.words) {
      const why = 'connect: option "words": expected true, for a stream with words';
      throw new WhospeaksError('invalid-option', why);
    }
    if (this.closed || this.ending) throw ended();
    this.wordOutbox.push(words);
    this.flush();
  }

  /** Give the session up. */
  close(): void {
    this.finish();
  }

  private connectSoon(delayMs: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.fatal = undefined;
      this.status.next({ state: 'connecting', attempt: this.attempt });
      void this.socket.connect();
    }, delayMs);
  }

  private hello(): Hello {
    const { encoding, sampleRateHz, channels, audio, live, latencySeconds, words } = this.options;
    return {
      type: 'hello',
      version: PROTOCOL_VERSION,
      encoding,
      sampleRateHz,
      channels,
      // A server of before refuses what it does not know.
      ...(audio === 'channels' && { audio }),
      live,
      ...(latencySeconds === undefined ? {} : { latencySeconds }),
      // A server that knows no words takes a hello without them.
      ...(words && { words }),
      ...(this.welcome === undefined
        ? {}
        : {
            resume: {
              session: this.welcome.session,
              token: this.welcome.resumeToken,
              lastEvent: this.lastEvent,
            },
          }),
    };
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.opened(message);
        break;
      case 'ack':
        this.outbox.ack(message.sequence, message.creditBytes);
        this.wordOutbox.ack(message.nextWords ?? 0);
        this.flush();
        break;
      case 'event':
        this.hearEvent(message.id, message.event);
        break;
      case 'error':
        if (message.fatal) this.fatal = message;
        else if (message.answers !== undefined && 'speaker' in message.answers) {
          this.commands.refuse(
            message.answers,
            new WhospeaksError(toErrorCode(message.code), message.message),
          );
        }
        this.notices.next(message);
        break;
      case 'lag':
      case 'speakers':
      case 'drain':
        this.notices.next(message);
        break;
    }
  }

  private opened(welcome: Welcome): void {
    const { resumed, nextSequence, nextWords = 0, creditBytes } = welcome;
    this.attempt = 0;
    this.open = true;
    this.endTold = false;
    if (resumed) {
      this.outbox.resume(nextSequence, creditBytes);
      this.wordOutbox.resume(nextWords);
    } else {
      this.sessionStartFrame = this.outbox.restart(creditBytes);
      this.lastEvent = 0;
      this.endHeard = false;
      const offsetSeconds = this.sessionStartFrame / this.options.sampleRateHz;
      const lostWords = this.wordOutbox.restart(offsetSeconds);
      if (this.everOpen) {
        this.events.next({ type: 'restarted', offsetSeconds });
        for (const event of this.sessionWords.restart(offsetSeconds)) this.namedWords.next(event);
      }
      if (lostWords > 0) this.notices.next(wordsLost(lostWords));
    }
    this.everOpen = true;
    this.welcome = welcome;
    this.status.next({ state: 'open', welcome });
    for (const message of this.commands.unanswered) this.tell(message);
    this.flush();
  }

  private hearEvent(id: number, event: WireEvent): void {
    if (id <= this.lastEvent) return;
    this.lastEvent = id;
    if (event.type === 'end') this.endHeard = true;
    if (event.type === 'words') {
      for (const change of this.sessionWords.hear(event)) this.namedWords.next(change);
    } else {
      this.commands.hear(event);
      this.events.next(event);
    }
    if (id % RECEIVED_EVERY === 0) this.tell({ type: 'received', event: id });
  }

  private tell(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  private lost(code: number): void {
    this.open = false;
    // A server that shuts down ends a stream before we did: that is not the end.
    if (this.endHeard && this.ending) {
      this.finish();
      return;
    }
    const { fatal } = this;
    // The server's own codes say why; all others come from below.
    if (fatal === undefined && !this.everOpen && code < 4000) {
      void this.explain();
      return;
    }
    const error = this.causeOf(code);
    const elsewhere = addressOf(fatal?.elsewhere, this.options.url);
    // A server that is not there any more is asked for by the address that was given.
    this.socket.moveTo(elsewhere);
    if (elsewhere !== undefined) {
      this.tryAgain(error);
    } else if (mayResume(code)) {
      this.tryAgain(error, fatal?.retryAfterSeconds);
    } else if (mayRestart(code) && this.mayStartAnew()) {
      this.welcome = undefined;
      this.tryAgain(error, code === CLOSE.sessionUnknown ? 0 : fatal?.retryAfterSeconds);
    } else {
      this.finish(error);
    }
  }

  private causeOf(code: number): WhospeaksError {
    const { fatal } = this;
    const { host } = this.options.url;
    if (fatal !== undefined) return new WhospeaksError(toErrorCode(fatal.code), fatal.message);
    if (code < 4000) return lostLater(`${host} closed it or the network broke (${code})`);
    return new WhospeaksError('server-failed', `${host} ended the connection (${code}); see its log`);
  }

  /** Where a session is gone, so is the audio that it had: a recording would have a hole. */
  private mayStartAnew(): boolean {
    return this.options.live ? !this.ending : !this.everOpen;
  }

  private refused(error: unknown): void {
    if (!(error instanceof RequestError) || !error.temporary || error.code === 'server-tls') {
      this.finish(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.socket.moveTo();
    const isLost = this.everOpen && error.status === 0;
    this.tryAgain(isLost ? lostLater(error.message) : error, error.retryAfterSeconds);
  }

  private tryAgain(reason: WhospeaksError, retryAfterSeconds = 0): void {
    const attempt = ++this.attempt;
    if (attempt >= this.options.maxAttempts) {
      this.finish(reason);
      return;
    }
    const [firstMs, mostMs] = this.options.backoffMs;
    const waitMs = backoffMs(attempt - 1, { firstMs, mostMs }, Math.random());
    const retryInMs = Math.max(waitMs, retryAfterSeconds * 1000);
    this.status.next({ state: 'waiting', attempt, retryInMs, reason });
    this.connectSoon(retryInMs);
  }

  /** Neither a browser nor `ws` says why an upgrade was refused; a request for a ticket does. */
  private async explain(): Promise<void> {
    try {
      await this.socket.ticket();
    } catch (error) {
      if (!this.closed) this.refused(error);
      return;
    }
    if (this.closed) return;
    const why = `${this.options.url.host} is there, but no WebSocket to it opens; does a proxy between let them through?`;
    this.tryAgain(new WhospeaksError('server-failed', why));
  }

  private checkStall(): void {
    const isAnswerOwed = this.open ? this.outbox.unacked || this.wordOutbox.unacked || this.ending : true;
    const limitMs = this.open ? this.options.stallSeconds * 1000 : WELCOME_MS;
    if (this.socket.hangUpIfSilent(isAnswerOwed, limitMs)) this.lost(1006);
  }

  private finish(error?: Error): void {
    if (this.closed) return;
    clearTimeout(this.retry);
    clearInterval(this.watch);
    if (typeof globalThis.removeEventListener === 'function')
      globalThis.removeEventListener('online', this.retryNow);
    this.open = false;
    this.socket.close(CLOSE.done);
    this.commands.refuseAll(error ?? ended());
    for (const { reject } of this.waiting.splice(0)) reject(error ?? ended());
    this.status.next(error === undefined ? { state: 'closed' } : { state: 'closed', error });
    this.status.complete();
    this.notices.complete();
    for (const told of [this.events, this.namedWords]) {
      if (error === undefined) told.complete();
      else told.error(error);
    }
  }
}

/** Where a full server says that there is room; undefined where that is no address, or not as safe as the one that was given. */
function addressOf(address: string | undefined, given: URL): URL | undefined {
  if (address === undefined) return undefined;
  try {
    const url = serviceUrl(address, 'connect');
    return given.protocol === 'https:' && url.protocol !== 'https:' ? undefined : url;
  } catch {
    return undefined;
  }
}

/** Every whole sample was sent: a complaint, and not the end of the stream. */
function cutShort(): ErrorMessage {
  const message = 'the sound ended in the middle of a sample; check its encoding and channels';
  return { type: 'error', code: 'audio-truncated', message, fatal: false };
}

/** Their audio went with the session before. */
function wordsLost(count: number): ErrorMessage {
  const message = `${count} words are of the session that was lost, and get no names`;
  return { type: 'error', code: 'session-unknown', message, fatal: false };
}

function lostLater(why: string): WhospeaksError {
  return new WhospeaksError('server-lost', `the connection was lost: ${why}; connect again`);
}

export function ended(): WhospeaksError {
  return new WhospeaksError('source-closed', 'the stream has ended; connect again');
}
