import { Observable, ReplaySubject, share, type Subscriber } from 'rxjs';
import type { ConnectOptions, SpeakerStream, StreamEvent } from 'whospeaks/client';

/** A frame as `AudioStream` of `@livekit/rtc-node` gives it: 16-bit samples, channels interleaved. */
export interface AudioFrameLike {
  readonly data: Int16Array;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samplesPerChannel: number;
}

/** What `connect` of `whospeaks/client` has to be told of a track. */
export type TrackFormat = Required<Pick<ConnectOptions, 'encoding' | 'sampleRateHz' | 'channels' | 'live'>>;

export interface HeardTrack {
  /** Events of the track. Subscribing begins to read it, once; the last to unsubscribe ends it. Errors as the stream does. */
  readonly events$: Observable<StreamEvent>;
  /** How far the track has come, samples at 16 kHz: `heard` of `isSpeaking`. */
  readonly heard$: Observable<number>;
}

/** Of events. */
const EVENT_RATE_HZ = 16_000;

/**
 * Hears the track of one participant. Each track is a stream of its own.
 * @param frames `new AudioStream(track)`
 * @param open opens the stream when the first frame tells the format: `(format) => connect({ url, ...format })`
 */
export function hearTrack(
  frames: AsyncIterable<AudioFrameLike>,
  open: (format: TrackFormat) => SpeakerStream,
): HeardTrack {
  const heard = new ReplaySubject<number>(1);
  const events$ = new Observable<StreamEvent>((subscriber) => {
    const reading = new Reading(frames, open, heard, subscriber);
    void reading.run();
    return () => {
      reading.stop();
    };
  });
  return { events$: events$.pipe(share()), heard$: heard.asObservable() };
}

/** From the first frame to the last. */
class Reading {
  readonly #frames: AsyncIterator<AudioFrameLike>;
  readonly #open: (format: TrackFormat) => SpeakerStream;
  readonly #heard: ReplaySubject<number>;
  readonly #subscriber: Subscriber<StreamEvent>;
  #stream: SpeakerStream | null = null;
  #isStopped = false;

  constructor(
    frames: AsyncIterable<AudioFrameLike>,
    open: (format: TrackFormat) => SpeakerStream,
    heard: ReplaySubject<number>,
    subscriber: Subscriber<StreamEvent>,
  ) {
    this.#frames = frames[Symbol.asyncIterator]();
    this.#open = open;
    this.#heard = heard;
    this.#subscriber = subscriber;
  }

  async run(): Promise<void> {
    let format: Pick<AudioFrameLike, 'sampleRate' | 'channels'> | null = null;
    let samples = 0;
    try {
      for (;;) {
        const next = await this.#frames.next();
        if (this.#isStopped) return;
        if (next.done === true) break;
        const { sampleRate, channels, data, samplesPerChannel } = next.value;
        format ??= { sampleRate, channels };
        if (format.sampleRate !== sampleRate || format.channels !== channels) {
          throw new TypeError(
            `the track began with ${format.sampleRate} Hz, ${format.channels} channels and has ${sampleRate} Hz, ` +
              `${channels} channels now; give AudioStream a sampleRate and numChannels`,
          );
        }
        this.#stream ??= this.#connect(sampleRate, channels);
        // Of a live stream it is not waited for: what the connection cannot carry is a `lag` event.
        void this.#stream.send(data.slice(0, samplesPerChannel * channels)).catch(() => undefined);
        samples += samplesPerChannel;
        this.#heard.next(Math.round((samples * EVENT_RATE_HZ) / sampleRate));
      }
      if (this.#stream === null) this.#subscriber.complete();
      else this.#stream.end();
    } catch (error) {
      this.#subscriber.error(error);
    } finally {
      this.#heard.complete();
    }
  }

  /** Nobody wants to know any more. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stream?.close();
    void Promise.resolve(this.#frames.return?.()).catch(() => undefined);
  }

  #connect(sampleRateHz: number, channels: number): SpeakerStream {
    const stream = this.#open({ encoding: 's16le', sampleRateHz, channels, live: true });
    stream.events$.subscribe(this.#subscriber);
    return stream;
  }
}
