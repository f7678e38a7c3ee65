import { basename, extname } from 'node:path';
import type { InputOptions } from './audio-input.js';
import { withMinuteLine } from './view/minute-line.js';
import { JsonPrinter, LinePrinter, toStdout, TroublePrinter, type Printer } from './view/printer.js';
import { withProgressBar } from './view/progress-bar.js';
import { TimelinePrinter } from './view/timeline.js';
import { ListPrinter } from './view/turn-list.js';

export interface OutputChoice {
  readonly json: boolean;
  /** Standard output carries something else than turns or events. */
  readonly isTaken: boolean;
  /** What is heard goes on now: turns are told as they end. */
  readonly live: boolean;
  /** Names of the enrolled. */
  readonly speakers: readonly string[];
  readonly durationSamples: () => number | undefined;
}

/** Standard input, the microphone and a recording at the pace of real time go on while one looks. */
export function isLive(input: string | undefined, { mic, realtime }: InputOptions): boolean {
  return mic !== undefined || input === '-' || realtime === true;
}

export function choosePrinter(choice: OutputChoice): Printer {
  const { json, isTaken, live, speakers, durationSamples } = choice;
  if (!json && !isTaken && process.stdout.isTTY) {
    return new TimelinePrinter({ speakers, live, durationSamples });
  }
  const printer = textPrinter(choice);
  if (!process.stderr.isTTY) return withMinuteLine(printer, durationSamples);
  return process.stdout.isTTY ? printer : withProgressBar(printer, durationSamples);
}

function textPrinter({ json, isTaken, live, speakers }: OutputChoice): Printer {
  if (json) return new JsonPrinter();
  if (isTaken) return new TroublePrinter();
  const hasNames = speakers.length > 0;
  return live ? new LinePrinter(hasNames) : new ListPrinter(hasNames, toStdout);
}

/** What a recording is called in files about it. */
export function recordingName(input: string | undefined): string {
  if (input === undefined) return 'microphone';
  return input === '-' ? 'stdin' : basename(input, extname(input));
}
