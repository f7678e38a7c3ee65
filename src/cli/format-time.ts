import { SAMPLE_RATE_HZ } from '../stream/index.js';
import { clockText } from '../transcript/readable.js';

export const seconds = (samples: number): number => samples / SAMPLE_RATE_HZ;

/** 75.3 s as `01:15.3`, from an hour on `1:01:15.3`. */
export const clock = (samples: number): string => clockText(seconds(samples));
