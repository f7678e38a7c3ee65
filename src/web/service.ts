import type { Observable } from 'rxjs';
import type { RecordingReply, Recordings, SendOptions, Speakers, SpeakerStream } from '../client/index.js';

/** How a stream stands: of a server's, that is how the connection does. */
export type StreamStatus =
  | { readonly state: 'connecting' | 'open' }
  | { readonly state: 'waiting'; readonly reason: Error }
  | { readonly state: 'closed'; readonly error?: Error };

/** One stream: sound in, events out. */
export interface ServiceStream extends Pick<
  SpeakerStream,
  'events$' | 'namedWords$' | 'notices$' | 'positionSeconds' | 'send' | 'end' | 'name' | 'assign'
> {
  readonly status$: Observable<StreamStatus>;
}

/** Voices as a file: what `whospeaks speakers export` writes and `import` reads. */
export interface SpeakerFiles {
  export(): Promise<string>;
  /** Names of those that were imported. */
  import(file: File): Promise<readonly string[]>;
}

/** Who does the work for this page: the server that it came from, or the browser itself. */
export interface Service {
  /** What a recording is remembered under, so that a reload of the page finds it; undefined where a reload ends it. */
  readonly keptAs?: string | undefined;
  readonly speakers: Pick<Speakers, 'list' | 'enroll' | 'rename' | 'remove' | 'restore'>;
  readonly recordings: Pick<Recordings, 'get' | 'transcript' | 'name' | 'remove'>;
  /** Where voices can be saved as a file, and read from one. */
  readonly files?: SpeakerFiles | undefined;
  /** The voices are others now, where that is told without a stream too. */
  readonly voicesChanged$?: Observable<void> | undefined;
  openStream(): ServiceStream;
  /** A whole recording; `recordings` says what comes of it. @param onSent how much of it is sent, 0 to 1 */
  send(file: File, options: SendOptions, onSent: (share: number) => void): Promise<RecordingReply>;
  /** Do what needs a token, and where it is missing or wrong, ask for it and do it again. */
  withToken<T>(action: () => Promise<T>): Promise<T>;
}
