import { WhospeaksError } from '../errors.js';
import type { TranscriptSegment } from './segment.js';

/**
 * Segments as RTTM, a `SPEAKER` line each, to the millisecond (NIST RT-09 evaluation plan, appendix A). Blanks in names,
 * which the format cannot hold, become `_`.
 */
export function rttmLines(
  segments: readonly Pick<TranscriptSegment, 'speaker' | 'start' | 'end' | 'channel'>[],
  recording: string,
): string {
  return segments
    .map(({ speaker, start, end, channel = 0 }) => {
      const times = `${start.toFixed(3)} ${(end - start).toFixed(3)}`;
      return `SPEAKER ${rttmName(recording)} ${channel + 1} ${times} <NA> <NA> ${rttmName(speaker)} <NA> <NA>\n`;
    })
    .join('');
}

/** A name as a line of the format holds it. */
export function rttmName(name: string): string {
  return name.replace(/\s+/g, '_') || '_';
}

/**
 * Two speakers whose names differ only in their blanks would be one in RTTM.
 * @param where who asks, for the message
 * @throws {WhospeaksError} `invalid-option`
 */
export function assertDistinctInRttm(names: Iterable<string>, where: string): void {
  const byLabel = new Map<string, string>();
  for (const name of names) {
    const label = rttmName(name);
    const other = byLabel.get(label);
    if (other !== undefined && other !== name) {
      throw new WhospeaksError(
        'invalid-option',
        `${where}: "${other}" and "${name}" would both be ${label}, since the format has no blanks; give one of them another name`,
      );
    }
    byLabel.set(label, name);
  }
}
