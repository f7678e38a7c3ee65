import type { Transcript, TranscriptWriter } from '../transcript.js';
import { writeAudacity } from './audacity.js';
import { writeCsv } from './csv.js';
import { writeJson } from './json.js';
import { writeRttm } from './rttm.js';
import { writeSrt } from './srt.js';
import { writeText } from './text.js';
import { writeTextGrid } from './textgrid.js';
import { writeVtt } from './vtt.js';

interface Format {
  /** What a file's name ends in, behind the dot. */
  readonly extension: string;
  readonly mediaType: string;
  readonly write: TranscriptWriter;
}

const FORMATS = {
  txt: { extension: 'txt', mediaType: 'text/plain', write: writeText },
  rttm: { extension: 'rttm', mediaType: 'text/plain', write: writeRttm },
  json: { extension: 'json', mediaType: 'application/json', write: writeJson },
  srt: { extension: 'srt', mediaType: 'application/x-subrip', write: writeSrt },
  vtt: { extension: 'vtt', mediaType: 'text/vtt', write: writeVtt },
  csv: { extension: 'csv', mediaType: 'text/csv', write: writeCsv },
  textgrid: { extension: 'TextGrid', mediaType: 'text/plain', write: writeTextGrid },
  // Audacity's own extension for labels is that of text.
  audacity: { extension: 'labels.txt', mediaType: 'text/plain', write: writeAudacity },
} satisfies Record<string, Format>;

export type TranscriptFormat = keyof typeof FORMATS;

export const TRANSCRIPT_FORMATS = Object.keys(FORMATS) as readonly TranscriptFormat[];

/** What a file of the format ends in, behind the dot. */
export function extensionOf(format: TranscriptFormat): string {
  return FORMATS[format].extension;
}

export function mediaTypeOf(format: TranscriptFormat): string {
  return FORMATS[format].mediaType;
}

export function isTranscriptFormat(name: string): name is TranscriptFormat {
  return Object.hasOwn(FORMATS, name);
}

/**
 * Who spoke when, as text of a format.
 * @throws {WhospeaksError} `invalid-option` where the format cannot tell two speakers apart
 */
export function formatTranscript(format: TranscriptFormat, transcript: Transcript): string {
  return FORMATS[format].write(transcript);
}
