import { readFileSync } from 'node:fs';
import { fromFile, readAll } from '../src/index.js';
import { SAMPLE_RATE_HZ } from '../src/stream/types.js';
import { AUDIO } from './helpers.js';

/** Who says what in the example meeting, and where. */
export interface Said {
  readonly speaker: string;
  readonly startSample: number;
  readonly endSample: number;
}

export interface Crosstalk {
  /** Level of what comes from the other channel, dB. */
  readonly levelDb: number;
  readonly delaySamples: number;
}

/** Room noise below which no recording lies. */
const NOISE = 1e-4;

export const said: readonly Said[] = readFileSync(`${AUDIO}/meeting.rttm`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [, , , start, seconds, , , speaker] = line.split(' ');
    const startSample = Math.round(Number(start) * SAMPLE_RATE_HZ);
    return {
      speaker: speaker!,
      startSample,
      endSample: startSample + Math.round(Number(seconds) * SAMPLE_RATE_HZ),
    };
  });

/** The example meeting as a call of two channels, each turn on the one that `sideOf` says. */
export async function meetingCall(
  sideOf: (turn: Said, index: number) => 0 | 1,
  crosstalk?: Crosstalk,
): Promise<[Float32Array, Float32Array]> {
  const meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
  const own = [0, 1].map(() => new Float32Array(meeting.length));
  for (const [index, turn] of said.entries()) {
    const { startSample, endSample } = turn;
    own[sideOf(turn, index)]!.set(meeting.subarray(startSample, endSample), startSample);
  }
  const gain = crosstalk === undefined ? 0 : 10 ** (crosstalk.levelDb / 20);
  const delay = crosstalk?.delaySamples ?? 0;
  const [left, right] = own.map((channel, side) =>
    channel.map((x, i) => x + gain * (own[1 - side]![i - delay] ?? 0) + NOISE * Math.sin(i * i * (1 + side))),
  );
  return [left!, right!];
}

/** Channels as one after the other, sample by sample. */
export function interleaved(channels: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(channels.length * channels[0]!.length);
  for (const [c, channel] of channels.entries()) {
    for (const [i, sample] of channel.entries()) all[i * channels.length + c] = sample;
  }
  return all;
}
