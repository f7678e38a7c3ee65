import type { NetworkOutputs } from '../../src/native/index.js';

/** What a network gives for each of `batch` windows: its outputs one after another, as the reference has them in one row. */
export function outputRows(outputs: NetworkOutputs, batch: number): Float32Array[] {
  return Array.from({ length: batch }, (_, i) => {
    const parts = Object.values(outputs).map((values) => {
      const size = values.length / batch;
      return [...values.subarray(i * size, (i + 1) * size)];
    });
    return Float32Array.from(parts.flat());
  });
}
