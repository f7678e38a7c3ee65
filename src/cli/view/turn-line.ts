import type { CorrectionEvent, FinalEvent } from '../../tracker/index.js';
import { percentText } from '../../transcript/readable.js';
import { clock, seconds } from '../format-time.js';

export interface LineStyle {
  /** Whether anybody is enrolled: with nobody, a probability would say nothing, and none is printed. */
  readonly hasNames: boolean;
  readonly paint?: (name: string) => string;
}

type Line = Pick<FinalEvent, 'startSample' | 'endSample' | 'speaker' | 'probability' | 'others' | 'overlaps'>;

/** `00:04.5 - 00:10.1  bob  83 %`, and where two are heard at once `  overlap 1.2 s with alice` */
export function turnLine(
  { startSample, endSample, speaker, probability, others, overlaps }: Line,
  style: LineStyle,
): string {
  const line = `${clock(startSample)} - ${clock(endSample)}  ${nameText(speaker, probability, style)}`;
  if (overlaps.length === 0) return line;
  const samples = overlaps.reduce((sum, stretch) => sum + stretch.endSample - stretch.startSample, 0);
  const beside = others.length === 0 ? '' : ` with ${others.join(', ')}`;
  return `${line}  overlap ${seconds(samples).toFixed(1)} s${beside}`;
}

/** `00:04.5 - 00:10.1  dana  90 %, not unknown-1` */
export function correctionLine(
  { startSample, endSample, speaker, probability, was }: CorrectionEvent,
  style: LineStyle,
): string {
  return `${clock(startSample)} - ${clock(endSample)}  ${nameText(speaker, probability, style)}, not ${was}`;
}

/** A name, and how surely it is right. */
export function nameText(
  speaker: string,
  probability: number,
  { hasNames, paint = String }: LineStyle,
): string {
  return hasNames ? `${paint(speaker)}  ${percentText(probability)}` : paint(speaker);
}
