import { rttmLines } from './rttm.js';
import { segmentsOfTurns } from './segment.js';
import type { BookedTurn } from './turn-book.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/**
 * The settled turns as RTTM, a `SPEAKER` line for each stretch of their speech, to the millisecond (NIST RT-09
 * evaluation plan, appendix A). Blanks in names, which the format cannot hold, become `_`.
 */
export function toRttm(turns: readonly BookedTurn[], recording: string): string {
  return rttmLines(segmentsOfTurns(turns), recording);
}

/** The settled turns as JSON: times in seconds, and the label before where a turn was corrected. */
export function toJson(turns: readonly BookedTurn[], recording: string): string {
  const settled = turns
    .filter(({ final }) => final)
    .map(
      ({
        turn,
        startSample,
        endSample,
        speaker,
        known,
        probability,
        overlap,
        others,
        speech,
        overlaps,
        was,
        channel,
      }) => ({
        turn,
        ...(channel === undefined ? {} : { channel }),
        startSeconds: startSample / SAMPLE_RATE_HZ,
        endSeconds: endSample / SAMPLE_RATE_HZ,
        speaker,
        known,
        probability,
        overlap,
        others,
        speech: speech.map(placed),
        overlaps: overlaps.map((stretch) => ({ ...placed(stretch), other: stretch.other })),
        ...(was === undefined ? {} : { was }),
      }),
    );
  return `${JSON.stringify({ recording, turns: settled }, null, 2)}\n`;
}

function placed({ startSample, endSample }: { startSample: number; endSample: number }) {
  return { startSeconds: startSample / SAMPLE_RATE_HZ, endSeconds: endSample / SAMPLE_RATE_HZ };
}
