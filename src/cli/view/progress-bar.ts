import { SingleBar } from 'cli-progress';
import { seconds } from '../format-time.js';
import type { Printer } from './printer.js';

/** A printer with a progress bar on stderr beside it, for long files whose answer goes to a pipe. */
export function withProgressBar(printer: Printer, durationSamples: () => number | undefined): Printer {
  const bar = new SingleBar({
    format: '{bar} {percentage} % | {value} of {total} s of audio | {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let started = false;
  return {
    event: (event) => {
      printer.event(event);
    },
    progress: (positionSamples) => {
      const total = durationSamples();
      if (total === undefined) return;
      if (!started) bar.start(Math.ceil(seconds(total)), 0);
      started = true;
      bar.update(Math.floor(seconds(positionSamples)));
    },
    close: () => {
      if (started) bar.stop();
      printer.close();
    },
  };
}
