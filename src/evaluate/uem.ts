import { annotationError, lines, secondsField } from './annotation-lines.js';
import type { Region } from './turns.js';

/** A region of a recording that is to be scored. */
export interface UemRegion extends Region {
  readonly recording: string;
}

/**
 * The regions of a UEM text (lines `recording channel start end`), in the file's order.
 * @throws WhospeaksError `annotation-format`, with the line number, at the first bad line
 */
export function readUem(text: string, source = 'UEM'): UemRegion[] {
  return lines(text).map(({ number, fields }) => {
    if (fields.length !== 4) {
      throw annotationError(source, number, `expected 4 fields, found ${fields.length}`);
    }
    const startSeconds = secondsField(fields[2]!, 'start', source, number);
    const endSeconds = secondsField(fields[3]!, 'end', source, number);
    if (endSeconds < startSeconds) throw annotationError(source, number, 'the end comes before the start');
    return { recording: fields[0]!, startSeconds, endSeconds };
  });
}
