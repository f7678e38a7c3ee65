import { Subject, type Subscription } from 'rxjs';
import { WhospeaksError, isWhospeaksError } from '../../errors.js';
import { CLOSE, type AudioMessage, type CloseCode, type ServerMessage } from '../../protocol/index.js';
import { AudioBuffer } from '../../stream/audio-buffer.js';
import { SAMPLE_RATE_HZ } from '../../stream/index.js';
import type { AssignCommand, IdentifyEvent, NameCommand, TrackCommand } from '../../tracker/index.js';
import { wireEvent } from '../../events/wire-event.js';
import { NamedVoices, type NamedVoice } from '../../tracker/named-voices.js';
import { Acknowledged } from './acknowledged.js';
import { AudioIntake } from './audio-intake.js';
import { closeReasonOf } from './close-reason.js';
import { Continuity, type TakenUp } from './continuity.js';
import { Credit } from './credit.js';
import { Delivery } from './delivery.js';
import type { ClientLink } from './link.js';
import type { SessionParts } from './session-parts.js';
import { LagTeller } from './lag-teller.js';
import { StreamWords, type UncheckedWords } from './stream-words.js';
import { tellBefore } from './tell-before.js';

/**
 * One stream: audio in, numbered events out. It outlives its connections: without one it goes on with what it
 * has and keeps the events. Its time comes from whoever calls `tick`.
 */
export class Session {
  readonly id: string;
  readonly live: boolean;
  readonly #parts: SessionParts;
  readonly #voices: NamedVoices;
  /** Null where the client did not ask for words. */
  readonly #words: StreamWords | null;
  readonly #intake: AudioIntake;
  readonly #audio: AudioBuffer;
  readonly #credit: Credit;
  readonly #delivery: Delivery;
  readonly #commands = new Subject<TrackCommand>();
  #subscription: Subscription | null = null;
  #audioAtMs: number;
  #endMessages: number | null = null;
  #isRefused = false;
  #outcome: 'running' | 'done' | { error: unknown } = 'running';
  #doneCode: CloseCode = CLOSE.done;
  #ackedBytes = 0;
  /** What was acknowledged last. */
  readonly #acknowledged: Acknowledged;
  /** Null where no other server can go on with it. */
  readonly #continuity: Continuity | null;
  #ackedWords = 0;
  readonly #lag = new LagTeller();
  #begun: Promise<void> | undefined;

  constructor(parts: SessionParts, nowMs: number) {
    this.#parts = parts;
    this.id = parts.id;
    this.live = parts.format.live;
    this.#audioAtMs = nowMs;
    const { limits, format } = parts;
    this.#audio = new AudioBuffer({
      // A recording is bounded by its credit.
      maxSamples: format.live ? limits.bufferSeconds * SAMPLE_RATE_HZ : Infinity,
      onTaken: () => {
        if (this.#credit.isWorthTelling(this.#intake.receivedBytes, this.#queuedBytes())) this.#sendAck();
      },
      // A recording runs no further ahead than its events are read.
      mayRead: () => this.live || this.#delivery.hasReader(),
    });
    const { continuity } = parts;
    const takenUp = continuity?.takenUp;
    this.#intake = new AudioIntake(
      format,
      nowMs,
      (chunk) => {
        this.#audio.push(chunk);
      },
      undefined,
      continuity && (takenUp?.state.audio ?? null),
    );
    this.#continuity = continuity
      ? new Continuity(continuity, ({ sample, bytes }) => ({
          sample,
          snapshot: bytes,
          audio: this.#intake.markBefore(sample),
          ...this.#delivery.state,
          own: this.#voices.own,
        }))
      : null;
    this.#acknowledged = new Acknowledged(this.#intake, this.#continuity);
    const bytesPerSecond = format.sampleRateHz * this.#intake.frameBytes;
    this.#credit = new Credit(Math.max(limits.bufferSeconds * bytesPerSecond, limits.maxMessageBytes));
    this.#delivery = new Delivery(
      limits,
      nowMs,
      tellBefore(parts.tellBefore, this.#continuity?.settled.bind(this.#continuity)),
    );
    this.#words = parts.words
      ? new StreamWords(format.audio === 'channels' ? format.channels : 0, (event) => {
          this.#delivery.tell(event, this.#audioAtMs);
        })
      : null;
    this.#voices = new NamedVoices({
      speakers: () => parts.speakers(),
      save: (event) => parts.save(event),
      command: (command) => {
        this.#start();
        this.#command(command);
      },
    });
    if (takenUp === undefined) this.#begun = this.#continuity?.begin();
    else this.#takeUp(takenUp);
  }

  /** Resolves when another server can go on with a new session; undefined where none ever can, or it is not new. */
  get begun(): Promise<void> | undefined {
    return this.#begun;
  }

  /** Another server can go on with it. */
  get canMove(): boolean {
    return this.#continuity !== null && !this.isOver;
  }

  /** Keep the state as it is now, for another server, and tell nothing more. */
  async handOver(mostMs: number, nowMs: number): Promise<void> {
    if (this.#subscription !== null) await this.#continuity?.save(mostMs);
    this.leave(nowMs);
  }

  /** Another server has it: a client that is here still is to resume there. */
  leave(nowMs: number): void {
    this.#delivery.goAway(nowMs);
  }

  #takeUp({ state, lastTold, backlog, hasOtherSpeakers }: TakenUp): void {
    this.#voices.takeUp(state.own);
    this.#delivery.takeUp(state, lastTold, backlog);
    this.#acknowledged.takeUp(state.audio);
    this.#credit.grant(state.audio.receivedBytes, 0);
    if (state.snapshot.length === 0) return;
    this.#start();
    if (hasOtherSpeakers) this.#command({ type: 'speakers', speakers: this.#voices.speakers() });
  }

  #command(command: TrackCommand): void {
    this.#commands.next(command);
    this.#continuity?.commanded();
  }

  get isConnected(): boolean {
    return this.#delivery.isConnected;
  }

  get isOver(): boolean {
    return this.#outcome !== 'running';
  }

  /** The audio message that a client is to send next when it comes back. */
  get nextSequence(): number {
    return this.#acknowledged.now().sequence;
  }

  /** The number of the next words message; undefined where the client did not ask for words. */
  get nextWords(): number | undefined {
    return this.#words?.next;
  }

  /** Stream time that came in: audio, and gaps that the client declared. */
  get receivedSeconds(): number {
    return this.#intake.receivedSamples / SAMPLE_RATE_HZ;
  }

  /** Audio that came in and is worked on, without the gaps. */
  get heardSeconds(): number {
    return this.#intake.heardSeconds;
  }

  /** The same, of each channel that is heard by itself: what it costs. */
  get workSeconds(): number {
    const { audio, channels } = this.#parts.format;
    return this.heardSeconds * (audio === 'channels' ? channels : 1);
  }

  /** How long so many bytes of payload sound. */
  secondsOf(bytes: number): number {
    return bytes / this.#intake.frameBytes / this.#parts.format.sampleRateHz;
  }

  /** Whether it counts as a stream: without a connection, only where it has audio to go on with. */
  get takesPlace(): boolean {
    return !this.isOver && (this.isConnected || this.#intake.receivedBytes > 0);
  }

  /** Since when it has no connection. */
  get detachedAtMs(): number {
    return this.#delivery.detachedAtMs;
  }

  get droppedSeconds(): number {
    return this.#audio.droppedSamples / SAMPLE_RATE_HZ;
  }

  get queuedSamples(): number {
    return this.#audio.queuedSamples;
  }

  /** Whether no more is to be read for now: of a recording that is sent without regard to credit. */
  get isFull(): boolean {
    if (!this.#isPaced || this.isOver) return false;
    const waiting = this.#intake.isReady ? this.#queuedBytes() : this.#intake.receivedBytes;
    return waiting >= this.#credit.capacityBytes;
  }

  get keptEvents(): number {
    return this.#delivery.keptEvents;
  }

  /**
   * How far the answers are behind: audio that waits for the pipeline, or the wait for the network. What the client
   * skipped was never there to be behind of.
   */
  get behindSeconds(): number {
    return Math.max(this.queuedSamples / SAMPLE_RATE_HZ, this.#parts.networkWaitSeconds());
  }

  /** Audio that had come in beyond an event's position, seconds; null where the client skipped some in between. */
  delaySeconds(atSample: number): number | null {
    if (atSample < this.#intake.skippedTo) return null;
    return Math.max(0, this.receivedSeconds - atSample / SAMPLE_RATE_HZ);
  }

  /** Who may be named: the group's speakers, and voices that were named here. */
  speakerNames(): string[] {
    return this.#voices.speakers().map(({ name }) => name);
  }

  /** Credit for the welcome, in bytes. */
  grant(): number {
    const { receivedBytes } = this.#intake;
    // What came and is not acknowledged is on its way still, as the client counts.
    const unacknowledged = receivedBytes - this.#acknowledged.now().receivedBytes;
    return this.#credit.grant(receivedBytes, this.#queuedBytes()) + unacknowledged;
  }

  /** Whether events after `lastEvent` are still there to be told. */
  canResume(lastEvent: number): boolean {
    return this.#delivery.canResume(lastEvent);
  }

  /** Speak through `link` from now on; a connection that is there already is hung up. Send the welcome first. */
  attach(link: ClientLink, lastEvent: number, nowMs: number): void {
    this.#audioAtMs = nowMs;
    this.#delivery.attach(link, lastEvent);
    this.#tellOutcome();
    this.#audio.recheck();
  }

  /** `link` is gone, or not to be spoken to any more. */
  detach(link: ClientLink, nowMs: number): void {
    this.#delivery.detach(link, nowMs);
  }

  /** @throws {WhospeaksError} where the message is not what the protocol allows; faults of the sound end the stream. */
  pushAudio(message: AudioMessage, nowMs: number): void {
    // What is on its way still, of sound that was refused.
    if (this.#isRefused) return;
    if (this.#endMessages !== null) {
      throw new WhospeaksError('protocol-message', 'audio came after "end"; nothing may follow it');
    }
    if (this.isOver) return;
    this.#audioAtMs = nowMs;
    const total = this.#intake.receivedBytes + message.payload.length;
    if (!this.#isPaced && message.sequence === this.#intake.nextSequence && !this.#credit.allows(total)) {
      throw new WhospeaksError(
        'protocol-credit',
        'more audio came than the credit allows; wait for an ack where the next payload does not fit',
      );
    }
    this.#start();
    try {
      this.#intake.push(message, nowMs);
    } catch (error) {
      if (!isWhospeaksError(error) || error.code.startsWith('protocol-')) throw error;
      this.#endAudio(error);
    }
    if (this.#intake.receivedBytes - this.#ackedBytes >= this.#credit.capacityBytes / 8) this.#sendAck();
  }

  /** Raw framing: the next message, whatever its number. */
  pushRaw(payload: Uint8Array, nowMs: number): void {
    if (payload.length === 0) return;
    this.pushAudio({ sequence: this.#intake.nextSequence, skippedFrames: 0, payload }, nowMs);
  }

  /** The client has sent all its audio. May be said again. */
  end(messages: number): void {
    const { nextSequence } = this.#intake;
    if (this.#parts.format.framing === 'sequenced' && messages !== nextSequence) {
      throw new WhospeaksError(
        messages > nextSequence ? 'protocol-sequence' : 'protocol-message',
        `"end" says ${messages} audio messages, ${nextSequence} have come; resume, and send what is missing`,
      );
    }
    this.finish();
  }

  /** End the stream as if the client had said so: it is told everything up to `end`. */
  finish(doneCode: CloseCode = CLOSE.done): void {
    this.#doneCode = doneCode;
    if (this.#endMessages !== null || this.isOver) return;
    this.#endMessages = this.#intake.nextSequence;
    this.#start();
    this.#intake.end((error) => {
      // Whom the server ends in the middle of a sample has done nothing wrong.
      const isFault = error !== undefined && doneCode === CLOSE.done;
      if (isFault) this.#audio.fail(error);
      else this.#audio.end();
    });
  }

  /**
   * Words of a recogniser, by number; a number that was had is ignored.
   * @throws {WhospeaksError} `protocol-message` where the client did not ask for words, `protocol-sequence`, or as `addWords`
   */
  pushWords({ sequence, ...words }: UncheckedWords & { readonly sequence: number }): void {
    if (this.#asked().number(sequence)) this.addWords(words);
  }

  /**
   * Words of a recogniser, from whomever.
   * @throws {WhospeaksError} `protocol-message` where the client did not ask for words; `source-closed` after the end; as
   *   `StreamWords.add`
   */
  addWords(words: UncheckedWords): void {
    const asked = this.#asked();
    if (this.#endMessages !== null || this.isOver) {
      throw new WhospeaksError('source-closed', 'the stream has ended; send the last words before "end"');
    }
    asked.add(words, this.receivedSeconds);
  }

  #asked(): StreamWords {
    if (this.#words !== null) return this.#words;
    throw new WhospeaksError(
      'protocol-message',
      'this stream takes no words; say "words": true in its hello',
    );
  }

  /** An unknown voice of this stream is a speaker: see `NamedVoices`. */
  name(command: NameCommand, save: boolean): Promise<NamedVoice> {
    return this.#voices.name(command, save);
  }

  /** A turn of this stream was a speaker's: see `NamedVoices`. */
  assign(command: AssignCommand): Promise<void> {
    return this.#voices.assign(command);
  }

  /** @throws {WhospeaksError} `protocol-message` where no such event was told */
  received(event: number): void {
    this.#delivery.received(event);
    this.#audio.recheck();
  }

  /** The group's speakers changed: the stream knows it from here on. */
  updateSpeakers(): void {
    this.#voices.update();
    const speakers = this.#voices.speakers();
    if (this.#subscription !== null && !this.isOver) this.#command({ type: 'speakers', speakers });
    this.send({ type: 'speakers', speakers: speakers.map(({ name }) => name) });
  }

  /** Send a message that is not an event; without a connection it is dropped. */
  send(message: ServerMessage): void {
    if (this.isConnected) this.#delivery.send(JSON.stringify(message), this.#audioAtMs);
  }

  /** Call a few times a second. Returns whether the session has had its time and can be forgotten. */
  tick(nowMs: number): boolean {
    this.#continuity?.tick(nowMs, this.#subscription !== null && !this.isOver);
    if (!this.isConnected) return nowMs - this.detachedAtMs >= this.#parts.limits.resumeWindowSeconds * 1000;
    const isWorth = this.#credit.isWorthTelling(this.#intake.receivedBytes, this.#queuedBytes());
    const told = this.#acknowledged.last.sequence;
    const isKept = this.#acknowledged.now().sequence > told;
    const isNew =
      (this.#continuity !== null && isKept) ||
      this.#intake.receivedBytes > this.#ackedBytes ||
      (this.nextWords ?? 0) > this.#ackedWords;
    if (isNew || isWorth) this.#sendAck();
    this.#audio.recheck();
    this.#tellLag(nowMs);
    if (
      !this.isOver &&
      this.#endMessages === null &&
      nowMs - this.#audioAtMs > this.#parts.limits.audioTimeoutSeconds * 1000
    ) {
      this.#delivery.hangUp(
        new WhospeaksError('server-timeout', 'no audio came for too long; connect when there is some'),
        nowMs,
      );
    }
    return false;
  }

  /** Give the session up at once: nothing more is computed or told. */
  abort(): void {
    this.#subscription?.unsubscribe();
    this.#continuity?.close();
    if (this.#outcome === 'running') {
      this.#outcome = 'done';
      this.#parts.onClosed('abandoned');
    }
    this.#audio.abort();
    this.#intake.free();
    this.#voices.close();
    this.#commands.complete();
    this.#delivery.abandon();
    this.#parts.onGone?.();
  }

  /** A raw pipe that is not live is read only as fast as it is worked on: it knows of no credit. */
  get #isPaced(): boolean {
    return this.#parts.format.framing === 'raw' && !this.live;
  }

  #start(): void {
    if (this.#subscription !== null || this.isOver) return;
    const audio = { live: this.live, [Symbol.asyncIterator]: () => this.#audio };
    const events = this.#parts.identify(
      audio,
      this.#commands,
      (profile) => {
        this.#parts.improve(profile);
      },
      this.#continuity?.pipe(),
    );
    this.#subscription = events.subscribe({
      next: (event) => {
        this.#onEvent(event);
      },
      error: (error: unknown) => {
        this.#onOver({ error });
      },
      complete: () => {
        this.#onOver('done');
      },
    });
  }

  #onEvent(event: IdentifyEvent): void {
    this.#parts.onEvent(event);
    const told = wireEvent(event);
    // Nothing comes after the end but answers.
    if (event.type === 'end') this.#words?.apply(told);
    this.#delivery.tell(told, this.#audioAtMs);
    if (event.type !== 'end') this.#words?.apply(told);
    this.#voices.told(event);
  }

  #onOver(outcome: 'done' | { error: unknown }): void {
    this.#outcome = outcome;
    this.#intake.free();
    this.#audio.abort();
    this.#voices.close();
    const fault = outcome === 'done' ? null : closeReasonOf(outcome.error);
    if (outcome !== 'done' && fault?.closeCode === CLOSE.internal) this.#parts.onFault(outcome.error);
    this.#parts.onClosed(fault?.message.code ?? 'done');
    this.#tellOutcome();
  }

  #tellOutcome(): void {
    if (this.#outcome === 'running') return;
    this.#delivery.close(this.#outcome === 'done' ? { code: this.#doneCode } : this.#outcome);
  }

  /** The sound before it is told still. */
  #endAudio(error: unknown): void {
    this.#isRefused = true;
    this.#endMessages = this.#intake.nextSequence;
    this.#intake.end(() => {
      this.#audio.fail(error);
    });
  }

  #sendAck(): void {
    if (!this.isConnected || this.isOver) return;
    const { nextWords } = this;
    const { sequence } = this.#acknowledged.now();
    this.#ackedBytes = this.#intake.receivedBytes;
    this.#ackedWords = nextWords ?? 0;
    this.send({
      type: 'ack',
      sequence: sequence - 1,
      creditBytes: this.grant(),
      ...(nextWords === undefined ? {} : { nextWords }),
    });
  }

  #tellLag(nowMs: number): void {
    const { behindSeconds, droppedSeconds } = this;
    if (!this.live || this.isOver || !this.#lag.isWorthTelling(behindSeconds, nowMs)) return;
    this.send({ type: 'lag', behindSeconds, droppedSeconds });
  }

  #queuedBytes(): number {
    if (this.live) return 0;
    const frames = (this.#audio.queuedSamples * this.#parts.format.sampleRateHz) / SAMPLE_RATE_HZ;
    return Math.ceil(frames) * this.#intake.frameBytes;
  }
}
