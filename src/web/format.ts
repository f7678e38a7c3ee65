/** `3:07`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `4.2 s` */
export function length(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

/** Only a numbered stranger is one voice that can get a name, also one of an earlier part of the meeting. */
export function canBeNamed(label: string): boolean {
  return /^unknown-\d+( · part \d+)?$/.test(label);
}

/** Whether a label is that of a voice of the stream that runs: those of earlier parts are known to this page alone. */
export function isOfThisStream(label: string): boolean {
  return /^unknown-\d+$/.test(label);
}
