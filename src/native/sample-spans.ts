import type { SampleSpan } from './types.js';

/** Stretches in order, those that touch as one. */
export function joined(stretches: readonly SampleSpan[]): SampleSpan[] {
  const out: SampleSpan[] = [];
  for (const stretch of stretches) {
    const last = out.at(-1);
    if (last !== undefined && stretch.startSample <= last.endSample) {
      out[out.length - 1] = { startSample: last.startSample, endSample: stretch.endSample };
    } else out.push(stretch);
  }
  return out;
}
