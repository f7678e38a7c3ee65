import { Pace } from './pace.js';
import type { Printer } from './printer.js';

const MINUTE_MS = 60_000;

/** A printer beside which stderr, where it is no terminal, gets a line every minute: `3:20 of 12:00, 27 %, 0:17 left, 31x real time`. */
export function withMinuteLine(
  printer: Printer,
  durationSamples: () => number | undefined,
  write: (text: string) => void = (text) => process.stderr.write(text),
): Printer {
  const pace = new Pace(durationSamples);
  const timer = setInterval(() => {
    write(`${pace.parts().join(', ')}\n`);
  }, MINUTE_MS);
  timer.unref();
  return {
    event: (event) => {
      printer.event(event);
    },
    progress: (positionSamples) => {
      pace.read(positionSamples);
      printer.progress(positionSamples);
    },
    close: () => {
      clearInterval(timer);
      printer.close();
    },
  };
}
