/** What one recording may cost. */
export interface DecoderLimits {
  /** Memory of the whole process, the decoders' own included, MiB. A long m4a with its index takes 200. */
  readonly memoryMiB: number;
  /**
   * Processor time without any sound, ms; over the whole recording, 1 s more for each second of sound. Decoders are
   * some 50 times faster than real time, the index of a day of m4a takes 2 s. Time spent waiting does not count.
   */
  readonly cpuMs: number;
  /** Seconds of sound for each byte: silence in FLAC at 8 kHz comes to 0.05, in opus to 0.01. */
  readonly secondsPerByte: number;
}

export const DECODER_LIMITS: DecoderLimits = { memoryMiB: 384, cpuMs: 5000, secondsPerByte: 0.1 };

/** Sound handed over at a time, at most. */
export const PIECE_SECONDS = 1;

/** Bytes handed to the decoding process at a time, at most. */
export const MAX_READ_BYTES = 2 ** 20;

/** Places in the memory that the decoding thread shares with its guard. */
export const SHARED = {
  /** 1 while it computes, 0 while it waits. */
  busy: 0,
  /** Counts recordings. */
  recording: 1,
  /** Counts answers, over all recordings. */
  answers: 2,
  /** Sound told of this recording, ms. */
  soundMs: 3,
  memoryMiB: 4,
  cpuMs: 5,
  length: 6,
} as const;

/** What the guard writes to standard error before it ends the process. */
export const STOPPED = { memory: 'stopped: memory', time: 'stopped: time' } as const;
