import { WhospeaksError } from '../errors.js';

export interface AnnotationLine {
  /** From 1. */
  readonly number: number;
  /** Separated by blanks; at least one. */
  readonly fields: readonly string[];
}

/** The lines of an RTTM or UEM text that hold something; `;;` begins a comment line. */
export function lines(text: string): AnnotationLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ number: i + 1, fields: line.split(/\s+/).filter((field) => field !== '') }))
    .filter(({ fields }) => fields.length > 0 && !fields[0]!.startsWith(';;'));
}

export function annotationError(source: string, line: number, fault: string): WhospeaksError {
  return new WhospeaksError(
    'annotation-format',
    `${source}, line ${line}: ${fault}; correct the line or remove it`,
  );
}

/** A finite number of seconds, 0 or more. */
export function secondsField(field: string, name: string, source: string, line: number): number {
  const seconds = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(field) ? Number(field) : NaN;
  if (!(seconds >= 0 && Number.isFinite(seconds))) {
    throw annotationError(source, line, `${name} "${field}" is not a number of seconds, 0 or more`);
  }
  return seconds;
}
