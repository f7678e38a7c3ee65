import type { EmbeddedWindow } from '../../src/native/types.js';
import type { Profile } from '../../src/speakers/index.js';
import type { IdentifyEvent, FinalEvent, TentativeEvent } from '../../src/tracker/index.js';
import { addScaled, dot, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';

export const DIMENSION = 64;
export const RATE = 16_000;
const SHIFT = 160;
export const MODEL = {
  name: 'test',
  fingerprint: 'abcdef0123456789',
  calibration: { scale: 16, offset: -9 },
};

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function randomVoice(random: () => number): Float32Array {
  return unit(Float32Array.from({ length: DIMENSION }, () => gaussian(random)));
}

export function profileFor(name: string, voice: Float32Array): Profile {
  return {
    name,
    model: { name: MODEL.name, fingerprint: MODEL.fingerprint },
    dimension: voice.length,
    centroid: voice,
    exemplars: [voice],
    speechSeconds: 10,
    recordings: 1,
    consistency: 1,
  };
}

/** Part of a script: who speaks for how long; null is silence. */
export interface Part {
  readonly voice: Float32Array | null;
  readonly seconds: number;
}

export interface WindowsOptions {
  readonly windowSeconds?: number;
  readonly stepSeconds?: number;
  /** Length of the noise on each 10 ms frame's voice; the window's mean averages it out. */
  readonly noise?: number;
  readonly seed?: number;
  readonly startSample?: number;
}

/**
 * What a network that pools over time would make of the script: each window's embedding is the mean of its
 * speech frames' voices, noise added, made unit; windows overlap and the last one is partial.
 */
export function windowsOf(parts: readonly Part[], options: WindowsOptions = {}): EmbeddedWindow[] {
  const { windowSeconds = 1.5, stepSeconds = 0.5, noise = 3, seed = 1, startSample = 0 } = options;
  const random = randomNumbers(seed);
  const frames = parts.flatMap(({ voice, seconds }) =>
    Array.from({ length: Math.round(seconds * 100) }, () => voice),
  );
  const noisy = frames.map((voice) =>
    voice === null ? null : voice.map((x) => x + (noise * gaussian(random)) / Math.sqrt(DIMENSION)),
  );
  const length = Math.round(windowSeconds * 100);
  const windows: EmbeddedWindow[] = [];
  for (let covered = 0; covered < frames.length;) {
    const end = Math.min(frames.length, covered === 0 ? length : covered + Math.round(stepSeconds * 100));
    const begin = Math.max(0, end - length);
    const sum = new Float32Array(DIMENSION);
    const voiced = noisy.slice(begin, end).filter((frame) => frame !== null);
    for (const frame of voiced) frame.forEach((x, i) => (sum[i]! += x));
    windows.push({
      startSample: startSample + begin * SHIFT,
      endSample: startSample + end * SHIFT,
      speechRatio: voiced.length / (end - begin),
      embedding: voiced.length / (end - begin) >= 0.3 ? unit(sum) : null,
      step: {
        startSample: startSample + covered * SHIFT,
        endSample: startSample + end * SHIFT,
        speech: Uint8Array.from(frames.slice(covered, end), (voice) => (voice === null ? 0 : 1)),
      },
    });
    covered = end;
  }
  return windows;
}

/** `voice` where it makes this cosine with `towards`, the rest as it was. */
export function mixed(voice: Float32Array, towards: Float32Array, cosine: number): Float32Array {
  const side = Float32Array.from(voice);
  addScaled(side, towards, -dot(voice, towards));
  const sum = towards.map((x) => x * cosine);
  addScaled(sum, unit(side), Math.sqrt(1 - cosine * cosine));
  return sum;
}

/** Turns of so many seconds with a pause of 1 s after each, the first at turn `at`, in little noise. */
export function turnsOf(voices: readonly Float32Array[], { seconds = 4, at = 0 } = {}): EmbeddedWindow[] {
  return voices.flatMap((voice, i) =>
    windowsOf(
      [
        { voice, seconds },
        { voice: null, seconds: 1 },
      ],
      { noise: 1, seed: i + 1 },
    ).map((window) => moved(window, (at + i) * (seconds + 1) * RATE)),
  );
}

/** The window, later by so many samples. */
export function moved(window: EmbeddedWindow, by: number): EmbeddedWindow {
  const { step } = window;
  return {
    ...window,
    startSample: window.startSample + by,
    endSample: window.endSample + by,
    step: { ...step, startSample: step.startSample + by, endSample: step.endSample + by },
  };
}

export function finalsOf(events: readonly IdentifyEvent[]): FinalEvent[] {
  return events.filter((event) => event.type === 'final');
}

export function tentativesOf(events: readonly IdentifyEvent[]): TentativeEvent[] {
  return events.filter((event) => event.type === 'tentative');
}

/** `alice 0.0-3.0` for each segment, in seconds to a tenth. */
export function told(events: readonly IdentifyEvent[]): string[] {
  return finalsOf(events).map(
    ({ speaker, startSample, endSample }) =>
      `${speaker} ${(startSample / RATE).toFixed(1)}-${(endSample / RATE).toFixed(1)}`,
  );
}
