import { annotationError, lines, secondsField } from './annotation-lines.js';
import { rttmLines } from '../transcript/rttm.js';
import type { Region, Turn } from './turns.js';

export { rttmName } from '../transcript/rttm.js';

/** A turn of a named recording, as one `SPEAKER` line of an RTTM file tells it. */
export interface RttmTurn extends Turn {
  readonly recording: string;
}

/** A region of a named recording. */
export interface RttmRegion extends Region {
  readonly recording: string;
}

/** Line types of the format (NIST RT-09 evaluation plan, appendix A) that are passed over when turns are read. */
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
    turns.push({ recording: recording!, ...regionOf(start!, duration!, source, number), speaker: speaker! });
  }
  return turns;
}

/**
 * What an RTTM text says is not to be scored: its `NOSCORE` lines, in the file's order. `source` names it in errors.
 * @throws WhospeaksError `annotation-format`, with the line number, at the first bad one of them
 */
export function readUnscored(text: string, source = 'RTTM'): RttmRegion[] {
  return lines(text)
    .filter(({ fields }) => fields[0] === 'NOSCORE')
    .map(({ number, fields }) => {
      const [, recording, , start, duration] = fields;
      if (fields.length < 5 || fields.length > 10) {
        throw annotationError(source, number, `expected 5 to 10 fields, found ${fields.length}`);
      }
      return { recording: recording!, ...regionOf(start!, duration!, source, number) };
    });
}

function regionOf(start: string, duration: string, source: string, line: number): Region {
  const startSeconds = secondsField(start, 'start', source, line);
  return { startSeconds, endSeconds: startSeconds + secondsField(duration, 'duration', source, line) };
}

/** RTTM text, one line a turn, to the millisecond. Blanks in names, which the format cannot hold, become `_`. */
export function writeRttm(turns: readonly RttmTurn[]): string {
  return turns
    .map(({ recording, startSeconds, endSeconds, speaker }) =>
      rttmLines([{ speaker, start: startSeconds, end: endSeconds }], recording),
    )
    .join('');
}
