import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readRttm } from '../../src/evaluate/index.js';
import { telephone } from '../../src/acoustics/telephone.js';
import { FRAME_SAMPLES, fromFile, readAll, SHIFT_SAMPLES } from '../../src/stream/index.js';

/** Of the set `noisy 5 dB`. */
const SNR_DB = 5;

export type SetName = 'meeting' | 'read' | 'quiet' | 'telephone' | 'noisy 5 dB' | 'noise';

/** A recording with the truth of each 10 ms frame: 1 speech, 0 none, 2 not scored. */
export interface Recording {
  readonly set: SetName;
  /** File name, without its ending. */
  readonly name: string;
  readonly samples: Float32Array;
  readonly truth: Uint8Array;
}

const frameCount = (samples: number): number =>
  Math.max(0, Math.floor((samples - FRAME_SAMPLES) / SHIFT_SAMPLES) + 1);

function flacFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.flac'))
    .sort()
    .map((name) => join(folder, name));
}

const nameOf = (path: string): string => basename(path, '.flac');
const decode = (path: string): Promise<Float32Array> => readAll(fromFile(path));
const dB = (power: number): number => 10 * Math.log10(power + 1e-12);
const power = (x: Float32Array): number => x.reduce((sum, v) => sum + v * v, 0) / x.length;

/** Speech where an RTTM turn covers the middle of a frame's shift. */
function rttmTruth(path: string, frames: number): Uint8Array {
  const truth = new Uint8Array(frames);
  for (const turn of readRttm(readFileSync(path, 'utf8'), path)) {
    for (let i = 0; i < frames; i++) {
      const middle = (i * SHIFT_SAMPLES + SHIFT_SAMPLES / 2) / 16_000;
      if (middle >= turn.startSeconds && middle < turn.endSeconds) truth[i] = 1;
    }
  }
  return truth;
}

/**
 * Clean read speech has no RTTM: frames within 20 dB of its loud level (95th percentile) count as speech,
 * everything quieter is not scored.
 */
function loudTruth(samples: Float32Array): { loud: number; truth: Uint8Array } {
  const levels = Array.from({ length: frameCount(samples.length) }, (_, i) =>
    dB(power(samples.subarray(i * SHIFT_SAMPLES, i * SHIFT_SAMPLES + FRAME_SAMPLES))),
  );
  const loud = [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.95)]!;
  return { loud, truth: Uint8Array.from(levels, (level) => (level > loud - 20 ? 1 : 2)) };
}

const scaled = (samples: Float32Array, decibels: number): Float32Array =>
  samples.map((v) => v * 10 ** (decibels / 20));

/** Two seconds of the noise alone, speech over it, two seconds of the noise alone. */
function inNoise(samples: Float32Array, truth: Uint8Array, noise: Float32Array): [Float32Array, Uint8Array] {
  const pad = 32_000;
  const padFrames = pad / SHIFT_SAMPLES;
  const mixed = Float32Array.from(
    { length: samples.length + 2 * pad },
    (_, i) => noise[i % noise.length]! + (samples[i - pad] ?? 0),
  );
  const mixedTruth = new Uint8Array(frameCount(mixed.length));
  mixedTruth.fill(2, padFrames - 3, padFrames + truth.length + 3);
  mixedTruth.set(truth, padFrames);
  return [mixed, mixedTruth];
}

/** Noises that nobody could take for a voice. */
const STEADY = /chainsaw|clock|fire|helicopter|rain|sea/;

/** Everything the gates are measured on, from a folder laid out as `ami/ librispeech/ speechocean/ noise/`. */
export async function readRecordings(folder: string): Promise<Recording[]> {
  const out: Recording[] = [];
  for (const path of flacFiles(join(folder, 'ami'))) {
    const samples = await decode(path);
    const truth = rttmTruth(path.replace(/flac$/, 'rttm'), frameCount(samples.length));
    out.push({ set: 'meeting', name: nameOf(path), samples, truth });
  }
  const noises: Float32Array[] = [];
  for (const path of flacFiles(join(folder, 'noise'))) {
    const samples = await decode(path);
    out.push({
      set: 'noise',
      name: nameOf(path),
      samples,
      truth: new Uint8Array(frameCount(samples.length)),
    });
    if (STEADY.test(path)) noises.push(samples);
  }
  const speech = [
    ...flacFiles(join(folder, 'librispeech')).filter((_, i) => i % 3 === 0),
    ...flacFiles(join(folder, 'speechocean')).filter((_, i) => i % 6 === 0),
  ];
  for (const [i, path] of speech.entries()) {
    const samples = await decode(path);
    const { loud, truth } = loudTruth(samples);
    const noise = noises[i % noises.length]!;
    const name = nameOf(path);
    out.push({ set: 'read', name, samples, truth });
    out.push({ set: 'quiet', name, samples: scaled(samples, -50 - loud), truth });
    out.push({ set: 'telephone', name, samples: telephone(samples), truth });
    const [mixed, mixedTruth] = inNoise(samples, truth, scaled(noise, loud - SNR_DB - dB(power(noise))));
    out.push({ set: 'noisy 5 dB', name, samples: mixed, truth: mixedTruth });
  }
  return out;
}
