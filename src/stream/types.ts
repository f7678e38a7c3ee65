export { FRAME_SAMPLES, SAMPLE_RATE_HZ, SHIFT_SAMPLES } from './geometry.js';

/**
 * A run of 16 kHz audio. Time is counted in samples from the start of the stream: where
 * `startSample` is beyond the end of the chunk before, the audio between was lost (a live source's
 * buffer dropped it, or the device did).
 */
export interface AudioChunk {
  readonly startSample: number;
  /** Nominal range -1 to 1; finite. */
  readonly samples: Float32Array;
  /** Of a source that keeps channels apart: as many samples of each of two or more. `samples` is their mean. */
  readonly channels?: readonly Float32Array[] | undefined;
}

/**
 * Where sound comes from. A source is pulled: it reads on only when it is asked for the next chunk, so
 * a file never runs ahead of the network. A live source cannot wait; between two pulls it buffers, and
 * at its bound it drops the oldest audio, which shows as a gap in `startSample`.
 *
 * A source is read once. Leaving the iteration early (`return()`) closes the file, device or socket.
 */
export interface AudioSource extends AsyncIterable<AudioChunk> {
  readonly live: boolean;
  /** Length of the whole source at 16 kHz, where the container tells it; for progress only. */
  readonly durationSamples?: number | undefined;
  /** How many channels a recording has, whichever of them is read; known from the first pull on. */
  readonly channels?: number | undefined;
  /** Whether channels that are not alike were mixed to one, so far. */
  readonly isMixed?: boolean | undefined;
}

/** Which of several channels on one clock: `index` of `count`, from 0. Absent where there is one. */
export interface ChannelOf {
  readonly index: number;
  readonly count: number;
}

/** What is of one channel of several. */
export interface OfChannel {
  readonly channel?: ChannelOf | undefined;
}

/** Consecutive analysis frames: frame i starts at `startSample + i * SHIFT_SAMPLES`. */
export interface FrameBlock extends OfChannel {
  readonly startSample: number;
  readonly count: number;
  /** count x FRAME_SAMPLES, row-major, samples in the range of the audio chunk (not scaled). */
  readonly samples: Float32Array;
}
