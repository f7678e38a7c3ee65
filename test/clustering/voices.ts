import { randomSource } from '../../measure/random-model.js';
import { unit } from '../../src/vectors.js';
import type { HeardRecording, HeardWindow } from '../../src/clustering/recording-listener.js';
import { LOCAL_SPEAKERS, POWERSET } from '../../src/native/powerset.js';

/** Numbers in an embedding. */
const DIMENSION = 256;
export const FRAMES = 589;

/** Directions that are as far apart as other people's. */
export function people(count: number, seed = 1): Float32Array[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, () => unit(Float32Array.from({ length: DIMENSION }, () => random())));
}

/** What one window makes of a voice: at a cosine of about 0.6 with it. */
export function heardOf(voice: Float32Array, random: () => number, noise = 0.8): Float32Array {
  const away = unit(Float32Array.from(voice, () => random()));
  return unit(voice.map((value, i) => value + noise * away[i]!));
}

/** Who talks in a window: of each person the frames from, to (exclusive). */
export type Script = readonly (readonly [person: number, from: number, to: number])[];

/** Windows as both networks hear them, in order; local speakers are numbered as they come in a window's script. */
export function recordingOf(
  scripts: readonly Script[],
  voices: readonly Float32Array[],
  stepFrames: number,
): HeardRecording {
  const random = randomSource(9);
  const windows = scripts.map((script, w): HeardWindow => {
    const locals = [...new Set(script.map(([person]) => person))];
    const probabilities = new Uint8Array(FRAMES * LOCAL_SPEAKERS);
    for (const [person, from, to] of script) {
      for (let frame = from; frame < to; frame++)
        probabilities[frame * LOCAL_SPEAKERS + locals.indexOf(person)] = 255;
    }
    const classes = Uint8Array.from({ length: FRAMES }, (_, frame) => {
      const on = [0, 1, 2].filter((local) => probabilities[frame * LOCAL_SPEAKERS + local] === 255);
      return POWERSET.findIndex((members) => members.join() === on.join());
    });
    return {
      startFrame: w * stepFrames,
      activity: { frames: FRAMES, classes, probabilities },
      voices: locals.map((person, local) => ({
        local,
        from: 0,
        to: FRAMES,
        embedding: heardOf(voices[person]!, random),
        seconds: script
          .filter(([who]) => who === person)
          .reduce((sum, [, from, to]) => sum + ((to - from) * 270) / 16_000, 0),
      })),
    };
  });
  const frames = (scripts.length - 1) * stepFrames + FRAMES;
  return { windows, samples: frames * 270 + 721 };
}
