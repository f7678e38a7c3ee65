import { wireEvent } from '../../events/wire-event.js';
import type { IdentifyEvent } from '../../tracker/index.js';
import { reportTrouble } from './trouble.js';
import { correctionLine, turnLine } from './turn-line.js';

/** Where a command's answer goes. One printer a run. */
export interface Printer {
  event(event: IdentifyEvent): void;
  /** How far the source has been read. */
  progress(positionSamples: number): void;
  /** Restore the terminal and print what was kept back; called once, also after an error. */
  close(): void;
}

/** Writes text to where the answer goes. */
export type Write = (text: string) => void;

export const toStdout: Write = (text) => {
  process.stdout.write(text);
};

/** One JSON object a line: the event as the service tells it, with its times in seconds beside the samples. */
export class JsonPrinter implements Printer {
  event(event: IdentifyEvent): void {
    toStdout(`${JSON.stringify(wireEvent(event))}\n`);
  }
  progress(): void {
    // Lines of JSON tell the position themselves.
  }
  close(): void {
    // Nothing was changed.
  }
}

/** Plain lines for a live source in a pipe: a turn as soon as it is settled, its correction later, warnings on stderr. */
export class LinePrinter implements Printer {
  /** @param hasNames whether anybody is enrolled: with nobody, a probability would say nothing. */
  constructor(
    private hasNames: boolean,
    private readonly write: Write = toStdout,
  ) {}

  event(event: IdentifyEvent): void {
    const { hasNames } = this;
    if (event.type === 'final') this.write(`${turnLine(event, { hasNames })}\n`);
    else if (event.type === 'correction') this.write(`${correctionLine(event, { hasNames })}\n`);
    else if (event.type === 'named') this.hasNames = true;
    else reportTrouble(event);
  }
  progress(): void {
    // A pipe wants no progress.
  }
  close(): void {
    // Nothing was changed.
  }
}

/** Warnings alone, where standard output carries something else. */
export class TroublePrinter implements Printer {
  event(event: IdentifyEvent): void {
    reportTrouble(event);
  }
  progress(): void {
    // Nothing is shown.
  }
  close(): void {
    // Nothing was changed.
  }
}
