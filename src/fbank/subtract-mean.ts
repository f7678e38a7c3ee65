import { MEL_BINS } from './types.js';

/** Subtracts each bin's mean over the frames, in place, of frames x 80 features; returns them. */
export function subtractMean(features: Float32Array): Float32Array {
  // Local, for an imported binding in an inner loop is a look-up where modules are bundled.
  const bins = MEL_BINS;
  const length = features.length;
  const frames = length / bins;
  // Four bins at a time, whose sums and means stay in registers.
  for (let bin = 0; bin < bins; bin += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let at = bin; at < length; at += bins) {
      a += features[at]!;
      b += features[at + 1]!;
      c += features[at + 2]!;
      d += features[at + 3]!;
    }
    a /= frames;
    b /= frames;
    c /= frames;
    d /= frames;
    for (let at = bin; at < length; at += bins) {
      features[at] = features[at]! - a;
      features[at + 1] = features[at + 1]! - b;
      features[at + 2] = features[at + 2]! - c;
      features[at + 3] = features[at + 3]! - d;
    }
  }
  return features;
}
