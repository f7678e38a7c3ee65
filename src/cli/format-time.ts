import { SAMPLE_RATE_HZ } from '../stream/index.js';

export const seconds = (samples: number): number => samples / SAMPLE_RATE_HZ;

/** 75.3 s as `01:15.3`, from an hour on `1:01:15.3`. */
export function clock(samples: number): string {
  const tenths = Math.round(seconds(samples) * 10);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${hours > 0 ? `${hours}:` : ''}${String(minutes).padStart(2, '0')}:${rest}`;
}
