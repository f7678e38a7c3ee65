import { WhospeaksError } from '../../errors.js';
import { meanPower } from '../../acoustics/power.js';
import type { Random } from '../../acoustics/random.js';

/** Samples over which one clip gives way to the next, 0.25 s. */
const FADE_SAMPLES = 4000;

/**
 * A background as long as asked for, of mean power 1: clips of noise one after the other in random order,
 * each brought to one level, faded into each other with equal power. Without clips, white noise.
 * @throws WhospeaksError `audio-empty` where no clip is loud and longer than 0.5 s
 */
export function background(
  clips: readonly Float32Array[],
  lengthSamples: number,
  random: Random,
): Float32Array {
  const out = new Float32Array(lengthSamples);
  const loud = clips.filter((clip) => clip.length > 2 * FADE_SAMPLES && meanPower(clip) > 0);
  if (clips.length === 0) return out.map(() => random.normal());
  if (loud.length === 0) {
    throw new WhospeaksError(
      'audio-empty',
      'simulate: no clip of noise is longer than 0.5 s and more than silence; give others, or none for white noise',
    );
  }
  let at = -FADE_SAMPLES;
  let order: Float32Array[] = [];
  while (at < lengthSamples) {
    if (order.length === 0) order = random.shuffled(loud);
    const clip = order.pop()!;
    const gain = 1 / Math.sqrt(meanPower(clip));
    clip.forEach((x, i) => {
      const to = at + i;
      if (to >= 0 && to < lengthSamples) out[to]! += x * gain * fade(i, clip.length);
    });
    at += clip.length - FADE_SAMPLES;
  }
  const scale = 1 / Math.sqrt(meanPower(out));
  return out.map((x) => x * scale);
}

function fade(i: number, length: number): number {
  const edge = Math.min(i, length - 1 - i);
  return edge >= FADE_SAMPLES ? 1 : Math.sin((Math.PI / 2) * (edge / FADE_SAMPLES));
}
