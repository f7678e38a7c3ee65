import { annotationError, lines, secondsField } from './annotation-lines.js';
import type { Turn } from './turns.js';

/** A turn of a named recording, as one `SPEAKER` line of an RTTM file tells it. */
export interface RttmTurn extends Turn {
  readonly recording: string;
}

/**
 * Line types of the format (NIST RT-09 evaluation plan, appendix A) that are passed over. NOSCORE among them: what is not to be
 * scored, a UEM says.
 */
const OTHER_TYPES = new Set(
  'SEGMENT NOSCORE NO_RT_METADATA LEXEME NON-LEX NON-SPEECH FILLER EDIT IP SU CB A/P SPKR-INFO'.split(' '),
);

/**
 * The turns of an RTTM text, in the file's order. `source` names it in errors.
 * @throws WhospeaksError `annotation-format`, with the line number, at the first bad line
 */
export function readRttm(text: string, source = 'RTTM'): RttmTurn[] {
  const turns: RttmTurn[] = [];
  for (const { number, fields } of lines(text)) {
    const [type, recording, , start, duration, , , speaker] = fields;
    if (OTHER_TYPES.has(type!)) continue;
    if (type !== 'SPEAKER') {
      throw annotationError(source, number, `unknown type "${type!}", expected SPEAKER`);
    }
    if (fields.length < 8 || fields.length > 10) {
      throw annotationError(source, number, `expected 8 to 10 fields, found ${fields.length}`);
    }
    const startSeconds = secondsField(start!, 'start', source, number);
    const endSeconds = startSeconds + secondsField(duration!, 'duration', source, number);
    turns.push({ recording: recording!, startSeconds, endSeconds, speaker: speaker! });
  }
  return turns;
}

/** RTTM text, one line a turn, to the millisecond. Blanks in names, which the format cannot hold, become `_`. */
export function writeRttm(turns: readonly RttmTurn[]): string {
  return turns
    .map(({ recording, startSeconds, endSeconds, speaker }) => {
      const start = startSeconds.toFixed(3);
      const duration = (endSeconds - startSeconds).toFixed(3);
      return `SPEAKER ${rttmName(recording)} 1 ${start} ${duration} <NA> <NA> ${rttmName(speaker)} <NA> <NA>\n`;
    })
    .join('');
}

/** A name as a line of the format holds it. */
export function rttmName(name: string): string {
  return name.replace(/\s+/g, '_') || '_';
}
