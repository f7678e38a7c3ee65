import type { IdentifyEvent } from '../../tracker/index.js';
import { clock, seconds } from '../format-time.js';

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
