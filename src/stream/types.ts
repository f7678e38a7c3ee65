export { FRAME_SAMPLES, SAMPLE_RATE_HZ, SHIFT_SAMPLES } from './geometry.js';

/**
 * A run of mono 16 kHz audio. Time is counted in samples from the start of the stream: where
 * `startSample` is beyond the end of the chunk before, the audio between was lost (a live source's
 * buffer dropped it, or the device did).
 */
export interface AudioChunk {
  readonly startSample: number;
  /** Nominal range -1 to 1; finite. */
  readonly samples: Float32Array;
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
}

/** Consecutive analysis frames: frame i starts at `startSample + i * SHIFT_SAMPLES`. */
export interface FrameBlock {
  readonly startSample: number;
  readonly count: number;
  /** count x FRAME_SAMPLES, row-major, samples in the range of the audio chunk (not scaled). */
  readonly samples: Float32Array;
}
