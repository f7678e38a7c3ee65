import { JITTER_SECONDS, type SoundBlock } from '../../condition.js';
import type { Packet } from './packet.js';

/**
 * Decoded packets as blocks where the container says they belong: without what does not count, and in one piece as long
 * as they follow each other: timestamps are rounded, to ms in WebM.
 *
 * @param planes of each channel, the samples of all packets, one after the other
 * @param lengths samples of each packet
 */
export function* place(
  packets: readonly Packet[],
  planes: readonly Float32Array[],
  lengths: readonly number[],
  rateHz: number,
): Generator<SoundBlock, void, undefined> {
  let run: { from: number; to: number; atSeconds: number | null } | null = null;
  const block = ({ from, to, atSeconds }: NonNullable<typeof run>): SoundBlock => ({
    rateHz,
    planes: planes.map((samples) => samples.subarray(from, to)),
    ...(atSeconds === null ? {} : { atSeconds }),
  });
  let begin = 0;
  for (const [i, { atSeconds, fromSeconds, toSeconds }] of packets.entries()) {
    const length = lengths[i]!;
    const at = atSeconds ?? 0;
    const skip = clamp(Math.round((fromSeconds - at) * rateHz), length);
    const keep = clamp(Math.round((toSeconds - at) * rateHz), length);
    const from = begin + skip;
    const to = begin + Math.max(skip, keep);
    begin += length;
    if (to === from) continue;
    const starts: number | null = atSeconds === null ? null : at + skip / rateHz;
    if (run !== null && from === run.to && follows(run, starts, rateHz)) {
      run.to = to;
      continue;
    }
    if (run !== null) yield block(run);
    run = { from, to, atSeconds: starts };
  }
  if (run !== null) yield block(run);
}

function follows(
  run: { from: number; to: number; atSeconds: number | null },
  atSeconds: number | null,
  rateHz: number,
): boolean {
  if (atSeconds === null || run.atSeconds === null) return true;
  return Math.abs(run.atSeconds + (run.to - run.from) / rateHz - atSeconds) <= JITTER_SECONDS;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
