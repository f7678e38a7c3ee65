import { wireEvent } from '../server/session/wire-event.js';
import type { CorrectionEvent, FinalEvent, IdentifyEvent } from '../tracker/index.js';
import { clock, seconds } from './format-time.js';

/** Where a command's answer goes. One printer a run. */
export interface Printer {
  event(event: IdentifyEvent): void;
  /** How far the source has been read. */
  progress(positionSamples: number): void;
  /** Restore the terminal; called once, also after an error. */
  close(): void;
}

/** One JSON object a line: the event as the service tells it, with its times in seconds beside the samples. */
export class JsonPrinter implements Printer {
  event(event: IdentifyEvent): void {
    process.stdout.write(`${JSON.stringify(wireEvent(event))}\n`);
  }
  progress(): void {
    // Lines of JSON tell the position themselves.
  }
  close(): void {
    // Nothing was changed.
  }
}

/** Plain lines for a pipe: one finished turn a line, warnings on stderr. */
export class LinePrinter implements Printer {
  event(event: IdentifyEvent): void {
    if (event.type === 'final') process.stdout.write(`${finalLine(event)}\n`);
    else if (event.type === 'correction') process.stdout.write(`${correctionLine(event)}\n`);
    else reportTrouble(event);
  }
  progress(): void {
    // A pipe wants no progress.
  }
  close(): void {
    // Nothing was changed.
  }
}

/** `00:04.5 - 00:10.1  bob  0.83`, and where two are heard at once `  overlap 1.2 s with alice` */
export function finalLine(
  { startSample, endSample, speaker, score, others, overlaps }: FinalEvent,
  paint: (name: string) => string = String,
): string {
  const line = `${clock(startSample)} - ${clock(endSample)}  ${paint(speaker)}  ${score.toFixed(2)}`;
  if (overlaps.length === 0) return line;
  const samples = overlaps.reduce((sum, stretch) => sum + stretch.endSample - stretch.startSample, 0);
  const beside = others.length === 0 ? '' : ` with ${others.join(', ')}`;
  return `${line}  overlap ${seconds(samples).toFixed(1)} s${beside}`;
}

/** `00:04.5 - 00:10.1  dana, not unknown-1` */
export function correctionLine(
  { startSample, endSample, speaker, was }: CorrectionEvent,
  paint: (name: string) => string = String,
): string {
  return `${clock(startSample)} - ${clock(endSample)}  ${paint(speaker)}, not ${was}`;
}

/** Lost audio and warnings, on stderr. */
export function reportTrouble(event: IdentifyEvent): void {
  if (event.type === 'warning') process.stderr.write(`warning: ${event.message} [${event.code}]\n`);
  if (event.type === 'lag') {
    const lost = seconds(event.lostSamples).toFixed(1);
    process.stderr.write(
      `warning: fell behind at ${clock(event.startSample)} and lost ${lost} s of audio [lag]\n`,
    );
  }
}
