import { SAMPLE_RATE_HZ } from '../../stream/index.js';
import { minutes } from './lanes.js';

/** How fast a source is read, and how long the rest will take. */
export class Pace {
  private startedMs: number | undefined;
  private positionSamples = 0;

  constructor(
    private readonly durationSamples: () => number | undefined,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** How far it was read; the clock starts with the first. */
  read(positionSamples: number): void {
    this.startedMs ??= this.nowMs();
    this.positionSamples = positionSamples;
  }

  /** `3:20 of 12:00`, `27 %`, `31x real time`, `0:17 left`, as far as they are known. */
  parts(): string[] {
    const seconds = this.positionSamples / SAMPLE_RATE_HZ;
    const total = this.durationSamples();
    const elapsed = (this.nowMs() - (this.startedMs ?? this.nowMs())) / 1000;
    const speed = elapsed > 0 ? seconds / elapsed : undefined;
    const parts: string[] = [];
    if (total !== undefined && total > 0) {
      // The length that a header tells need not be true.
      const length = Math.max(seconds, total / SAMPLE_RATE_HZ);
      parts.push(`${minutes(seconds)} of ${minutes(length)}`, `${Math.floor((100 * seconds) / length)} %`);
      if (speed !== undefined) parts.push(`${minutes((length - seconds) / speed)} left`);
    } else {
      parts.push(minutes(seconds));
    }
    if (speed !== undefined) parts.push(`${speed < 10 ? speed.toFixed(1) : speed.toFixed(0)}x real time`);
    return parts;
  }
}
