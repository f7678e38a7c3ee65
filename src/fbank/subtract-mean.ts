import { MEL_BINS } from './types.js';

/** Subtracts each bin's mean over the frames, in place, of frames x 80 features; returns them. */
export function subtractMean(features: Float32Array): Float32Array {
  // Local, for an imported binding in an inner loop is a look-up where modules are bundled.
  const bins = MEL_BINS;
  const mean = new Float64Array(bins);
  for (let at = 0; at < features.length; at += bins) {
    for (let bin = 0; bin < bins; bin++) mean[bin]! += features[at + bin]!;
  }
  for (let bin = 0; bin < bins; bin++) mean[bin]! /= features.length / bins;
  for (let at = 0; at < features.length; at += bins) {
    for (let bin = 0; bin < bins; bin++) features[at + bin]! -= mean[bin]!;
  }
  return features;
}
