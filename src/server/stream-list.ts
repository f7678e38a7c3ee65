/** One stream of the service, as it stands now. */
export interface StreamState {
  readonly id: string;
  readonly live: boolean;
  readonly isConnected: boolean;
  /** Whether it counts as one of `maxStreams`: it has a connection, or audio to go on with. */
  readonly takesPlace: boolean;
  /** Stream time received: audio, and gaps that the client declared. */
  readonly receivedSeconds: number;
  /** Audio received, without the gaps. */
  readonly heardSeconds: number;
  /** Audio dropped because the service was behind. */
  readonly droppedSeconds: number;
  /** How far the events are behind the audio. */
  readonly behindSeconds: number;
  /** Audio that waits to be processed, samples at 16 kHz. */
  readonly queuedSamples: number;
  /** Events that the client has not confirmed. */
  readonly keptEvents: number;
}

/** The streams of the service. */
export interface StreamList {
  /** Streams that take a place. */
  readonly running: number;
  /** Groups that have streams. */
  groups(): readonly string[];
  all(): readonly StreamState[];
  ofGroup(group: string): readonly StreamState[];
}
