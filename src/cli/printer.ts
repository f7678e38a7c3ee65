import { inSeconds } from '../tracker/in-seconds.js';
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

/** One JSON object a line: the event as the SDK emits it, with its times in seconds beside the samples. */
export class JsonPrinter implements Printer {
  event(event: IdentifyEvent): void {
    process.stdout.write(`${JSON.stringify(inSeconds(event))}\n`);
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

/** `00:04.5 - 00:10.1  bob  0.83` */
export function finalLine(final: FinalEvent, paint: (name: string) => string = String): string {
  return `${clock(final.startSample)} - ${clock(final.endSample)}  ${paint(final.speaker)}  ${final.score.toFixed(2)}${final.overlap ? `  overlap${withOthers(final.others)}` : ''}`;
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

function withOthers(others: readonly string[]): string {
  return others.length === 0 ? '' : ` with ${others.join(', ')}`;
}
