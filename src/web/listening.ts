import { finalize } from 'rxjs';
import {
  CAPTURE_RATE_HZ,
  connect,
  TurnBook,
  type Capture,
  type Notice,
  type SpeakerStream,
  type Status,
  type StreamEvent,
} from '../client/index.js';
import type { Service } from './service.js';

export interface ListeningHandlers {
  readonly onEvent: (event: StreamEvent, changed: boolean) => void;
  readonly onStatus: (status: Status) => void;
  readonly onNotice: (notice: Notice) => void;
  /** The stream is over, and everything was told. */
  readonly onDone: (error?: Error) => void;
}

/** One stream of the page: sound from a capture to the service, and the turns that come back. */
export class Listening {
  readonly book = new TurnBook();
  private readonly stream: SpeakerStream;
  private stopping = false;
  private offsetSeconds = 0;

  constructor(
    service: Service,
    private readonly capture: Capture,
    { onEvent, onStatus, onNotice, onDone }: ListeningHandlers,
  ) {
    const { url, token } = service;
    this.stream = connect({ url, ...(token === undefined ? {} : { token }), maxAttempts: 1000 });
    this.stream.status$.subscribe(onStatus);
    this.stream.notices$.subscribe(onNotice);
    this.stream.events$
      .pipe(
        finalize(() => {
          this.capture.close();
        }),
      )
      .subscribe({
        next: (event) => {
          if (event.type === 'restarted') this.offsetSeconds = event.offsetSeconds;
          onEvent(event, this.book.apply(event));
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
        if (!this.stopping) void this.stream.send(samples).catch(() => undefined);
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

  /** Where "now" is in the time of the turns, over all sessions. */
  get positionSeconds(): number {
    return this.offsetSeconds + this.stream.positionSeconds;
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

  name(label: string, speaker: string): Promise<void> {
    return this.stream.name(label, speaker);
  }

  /** No more sound; the rest is still told. */
  stop(): void {
    if (this.stopping) return;
    this.capture.close();
    this.stopping = true;
    this.stream.end();
  }
}
