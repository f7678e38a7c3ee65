/** Speakers that the segmentation network tells apart in one window. */
export const LOCAL_SPEAKERS = 3;

/** Its classes, in order: who speaks. */
export const POWERSET: readonly (readonly number[])[] = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]];

/**
 * Who speaks, of log-probabilities of the classes: the likeliest class of each frame.
 *
 * @param logProbabilities frames x 7
 * @returns frames x 3, 1 where a local speaker speaks
 */
export function decodePowerset(logProbabilities: Float32Array): Uint8Array {
  const frames = logProbabilities.length / POWERSET.length;
  const activity = new Uint8Array(frames * LOCAL_SPEAKERS);
  for (let frame = 0; frame < frames; frame++) {
    const first = frame * POWERSET.length;
    let best = 0;
    for (let i = 1; i < POWERSET.length; i++) {
      if (logProbabilities[first + i]! > logProbabilities[first + best]!) best = i;
    }
    for (const speaker of POWERSET[best]!) activity[frame * LOCAL_SPEAKERS + speaker] = 1;
  }
  return activity;
}

/**
 * How probable it is that each local speaker speaks: the sum over the classes that hold it.
 *
 * @param logProbabilities frames x 7
 * @returns frames x 3, 0 to 1
 */
export function speakerProbabilities(logProbabilities: Float32Array): Float32Array {
  const frames = logProbabilities.length / POWERSET.length;
  const probabilities = new Float32Array(frames * LOCAL_SPEAKERS);
  for (let frame = 0; frame < frames; frame++) {
    for (const [i, speakers] of POWERSET.entries()) {
      const probability = Math.exp(logProbabilities[frame * POWERSET.length + i]!);
      for (const speaker of speakers) probabilities[frame * LOCAL_SPEAKERS + speaker]! += probability;
    }
  }
  return probabilities;
}
