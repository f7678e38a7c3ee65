/**
 * The one home of the front end's rates and lengths. The native core is compiled for the first four, and
 * `loadAddon` refuses one that was built for others.
 */

/** The one sample rate inside the SDK, Hz. Every source is brought to it. */
export const SAMPLE_RATE_HZ = 16_000;
/** 25 ms frame, samples. */
export const FRAME_SAMPLES = 400;
/** 10 ms frame shift, samples. */
export const SHIFT_SAMPLES = 160;
/** Mel bins a frame. */
export const MEL_BINS = 80;

/** The frame shift, ms. */
export const SHIFT_MS = (SHIFT_SAMPLES * 1000) / SAMPLE_RATE_HZ;

/** Whole frames in `samples` in a row: edges are snipped, so none reaches beyond them. */
export function framesIn(samples: number): number {
  return Math.max(0, Math.floor((samples - FRAME_SAMPLES) / SHIFT_SAMPLES) + 1);
}

/** Samples from the start of the first of `frames` frames to the end of the last. */
export function samplesOf(frames: number): number {
  return (frames - 1) * SHIFT_SAMPLES + FRAME_SAMPLES;
}

/** `ms` in samples, rounded. */
export function msToSamples(ms: number): number {
  return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
}

/** The window that is embedded on the live path, ms, and its frames. */
export const WINDOW_MS = 1500;
export const WINDOW_FRAMES = framesIn(msToSamples(WINDOW_MS));

/** From one frame of the segmentation network to the next, samples (16.875 ms). */
export const SEGMENTATION_STEP_SAMPLES = 270;
/** What one frame of it hears, samples. */
export const SEGMENTATION_FIELD_SAMPLES = 991;

/** Frames of the segmentation network in `samples` in a row; frame i hears them from 270 i on. */
export function segmentationFramesIn(samples: number): number {
  return Math.max(0, Math.floor((samples - SEGMENTATION_FIELD_SAMPLES) / SEGMENTATION_STEP_SAMPLES) + 1);
}
