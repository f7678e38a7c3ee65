/** 3723.456 s as `01:02:03.456`, with `mark` before the milliseconds. */
export function hoursText(seconds: number, mark: string): string {
  const all = Math.round(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 3_600_000), Math.floor(all / 60_000) % 60, Math.floor(all / 1000) % 60];
  return `${two(h)}:${two(m)}:${two(s)}${mark}${String(all % 1000).padStart(3, '0')}`;
}

/** Seconds, or another number, to three places. */
export function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
