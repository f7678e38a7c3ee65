import type { CorrectionEvent, FinalEvent } from '../../tracker/index.js';
import { percentText } from '../../transcript/readable.js';
import { channelText } from '../../transcript/segment.js';
import { clock, seconds } from '../format-time.js';

export interface LineStyle {
  /** Whether anybody is enrolled: with nobody, a probability would say nothing, and none is printed. */
  readonly hasNames: boolean;
  readonly paint?: (name: string) => string;
}

type Line = Pick<
  FinalEvent,
  'startSample' | 'endSample' | 'speaker' | 'probability' | 'others' | 'overlaps' | 'channel'
>;

/**
 * `00:04.5 - 00:10.1  bob  83 %`, where channels are told apart `  channel 1`, and where two are heard at once
 * `  overlap 1.2 s with alice`
 */
export function turnLine(
  { startSample, endSample, speaker, probability, others, overlaps, channel }: Line,
  style: LineStyle,
): string {
  const who = `${nameText(speaker, probability, style)}${where(channel)}`;
  const line = `${clock(startSample)} - ${clock(endSample)}  ${who}`;
  if (overlaps.length === 0) return line;
  const samples = overlaps.reduce((sum, stretch) => sum + stretch.endSample - stretch.startSample, 0);
  const beside = others.length === 0 ? '' : ` with ${others.join(', ')}`;
  return `${line}  overlap ${seconds(samples).toFixed(1)} s${beside}`;
}

/** `00:04.5 - 00:10.1  dana  90 %, not unknown-1` */
export function correctionLine(
  { startSample, endSample, speaker, probability, was, channel }: CorrectionEvent,
  style: LineStyle,
): string {
  const who = `${nameText(speaker, probability, style)}, not ${was}${where(channel)}`;
  return `${clock(startSample)} - ${clock(endSample)}  ${who}`;
}

function where(channel: number | undefined): string {
  return channel === undefined ? '' : `  ${channelText(channel)}`;
}

/** A name, and how surely it is right. */
export function nameText(
  speaker: string,
  probability: number,
  { hasNames, paint = String }: LineStyle,
): string {
  return hasNames ? `${paint(speaker)}  ${percentText(probability)}` : paint(speaker);
}
