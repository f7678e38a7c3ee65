import { WhospeaksError } from '../errors.js';
import { allFinite } from '../finite.js';
import { subtractMean } from '../fbank/subtract-mean.js';
import { Framer } from '../stream/framer.js';
import { framesIn, MEL_BINS, SAMPLE_RATE_HZ } from '../stream/geometry.js';
import { StreamResampler } from '../stream/resampler.js';
import { assertFloat32 } from './float32.js';
import { nativeFrontEnd } from './front-end.js';

/** Samples that become frames at a time: bounds the memory for overlapping frames. */
const SLICE_SAMPLES = SAMPLE_RATE_HZ;

export interface RecordingFeatures {
  readonly frames: number;
  /** frames x MEL_BINS, row-major, the mean over all frames subtracted from each bin. */
  readonly features: Float32Array;
}

/**
 * A whole mono recording to its features. Rejects as `recordingSamples`.
 */
export async function recordingFeatures(
  samples: Float32Array,
  sampleRateHz: number,
  minFrames: number,
): Promise<RecordingFeatures> {
  return featuresOf(await recordingSamples(samples, sampleRateHz, minFrames));
}

/** 16 kHz mono to our features. */
export function featuresOf(samples: Float32Array): RecordingFeatures {
  const features = logMel(samples);
  subtractMean(features);
  return { frames: features.length / MEL_BINS, features };
}

/**
 * A whole mono recording at 16 kHz. Rejects with `invalid-option` (no Float32Array), `audio-not-finite`,
 * `audio-unsupported` (the rate) or `speech-too-short` (fewer than `minFrames` frames).
 */
export async function recordingSamples(
  samples: Float32Array,
  sampleRateHz: number,
  minFrames: number,
): Promise<Float32Array> {
  assertFloat32('SpeakerModel.embed', 'samples', samples);
  if (!allFinite(samples)) {
    const bad = samples.findIndex((sample) => !Number.isFinite(sample));
    throw new WhospeaksError(
      'audio-not-finite',
      `sample ${bad} is ${samples[bad]!}; give finite samples, -1 to 1`,
    );
  }
  const resampled = await resample(samples, sampleRateHz);
  if (framesIn(resampled.length) < minFrames) {
    const seconds = (samples.length / sampleRateHz).toFixed(2);
    throw new WhospeaksError(
      'speech-too-short',
      `${seconds} s of audio is too short to embed; give at least 0.5 s`,
    );
  }
  return resampled;
}

async function resample(samples: Float32Array, sampleRateHz: number): Promise<Float32Array> {
  const resampler = await StreamResampler.create(sampleRateHz);
  try {
    const body = resampler.push(samples);
    const tail = resampler.flush();
    if (tail.length === 0) return body;
    const whole = new Float32Array(body.length + tail.length);
    whole.set(body);
    whole.set(tail, body.length);
    return whole;
  } finally {
    resampler.free();
  }
}

function logMel(samples: Float32Array): Float32Array {
  const framer = new Framer();
  const fbank = nativeFrontEnd.makeLogMel();
  const blocks: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += SLICE_SAMPLES) {
    const block = framer.push({ startSample: at, samples: samples.subarray(at, at + SLICE_SAMPLES) });
    if (block !== null) blocks.push(fbank.compute(block));
  }
  const features = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    features.set(block, at);
    at += block.length;
  }
  return features;
}
