import { finalize } from 'rxjs';
import {
  CAPTURE_RATE_HZ,
  type Capture,
  type LiveWordEvent,
  type Notice,
  type StreamEvent,
} from '../client/index.js';
import type { Meeting } from './meeting.js';
import type { Service, ServiceStream, StreamStatus } from './service.js';

export interface ListeningHandlers {
  readonly onEvent: (event: StreamEvent, changed: boolean) => void;
  readonly onWords: (change: LiveWordEvent) => void;
  readonly onStatus: (status: StreamStatus) => void;
  readonly onNotice: (notice: Notice) => void;
  /** The stream is over, and everything was told. */
  readonly onDone: (error?: Error) => void;
}

/** One stream of a meeting: sound from a capture to the service, and the turns that come back. */
export class Listening {
  private readonly stream: ServiceStream;
  private stopping = false;
  private offsetSeconds = 0;
  /** Where in the meeting the stream begins. */
  private readonly startSeconds: number;

  constructor(
    service: Service,
    private readonly meeting: Meeting,
    private readonly capture: Capture,
    { onEvent, onWords, onStatus, onNotice, onDone }: ListeningHandlers,
  ) {
    this.startSeconds = meeting.endSeconds;
    this.stream = service.openStream();
    this.stream.status$.subscribe(onStatus);
    this.stream.notices$.subscribe(onNotice);
    // Whether the stream goes on is told by its events.
    this.stream.namedWords$.subscribe({ next: onWords, error: () => undefined });
    this.stream.events$
      .pipe(
        finalize(() => {
          this.capture.close();
        }),
      )
      .subscribe({
        next: (event) => {
          if (event.type === 'restarted') this.offsetSeconds = event.offsetSeconds;
          onEvent(event, this.meeting.book.apply(this.placed(event)));
        },
        error: (error: unknown) => {
          onDone(error instanceof Error ? error : new Error(String(error)));
        },
        complete: () => {
          onDone();
        },
      });
    let lost: Error | undefined;
    capture.samples$.subscribe({
      next: (samples) => {
        if (this.stopping) return;
        meeting.sound.push(samples);
        void this.stream.send(samples).catch(() => undefined);
        meeting.reach(this.positionSeconds);
      },
      error: (error: unknown) => {
        lost = error instanceof Error ? error : new Error(String(error));
        onDone(lost);
        this.stop();
      },
      complete: () => {
        this.stop();
      },
    });
  }

  /** Where "now" is in the time of the meeting. */
  get positionSeconds(): number {
    return this.startSeconds + this.offsetSeconds + this.stream.positionSeconds;
  }

  /** At 16 kHz, as the events count. */
  get positionSamples(): number {
    return Math.round(this.positionSeconds * CAPTURE_RATE_HZ);
  }

  get muted(): boolean {
    return this.capture.muted;
  }

  mute(muted: boolean): void {
    this.capture.muted = muted;
  }

  name(label: string, speaker: string, learn: boolean): Promise<void> {
    return this.stream.name(label, speaker, { learn });
  }

  /** @param turn its number in the present session */
  assign(turn: number, speaker: string): Promise<void> {
    return this.stream.assign(turn, speaker);
  }

  /** No more sound; the rest is still told. */
  stop(): void {
    if (this.stopping) return;
    this.capture.close();
    this.stopping = true;
    this.stream.end();
  }

  /** A session that begins anew says where in this stream; the book wants to know where in the meeting. */
  private placed(event: StreamEvent): StreamEvent {
    if (event.type !== 'restarted') return event;
    return { ...event, offsetSeconds: this.startSeconds + event.offsetSeconds };
  }
}
