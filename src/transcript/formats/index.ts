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
  readonly write: TranscriptWriter;
}

const FORMATS = {
  txt: { extension: 'txt', write: writeText },
  rttm: { extension: 'rttm', write: writeRttm },
  json: { extension: 'json', write: writeJson },
  srt: { extension: 'srt', write: writeSrt },
  vtt: { extension: 'vtt', write: writeVtt },
  csv: { extension: 'csv', write: writeCsv },
  textgrid: { extension: 'TextGrid', write: writeTextGrid },
  // Audacity's own extension for labels is that of text.
  audacity: { extension: 'labels.txt', write: writeAudacity },
} satisfies Record<string, Format>;

export type TranscriptFormat = keyof typeof FORMATS;

export const TRANSCRIPT_FORMATS = Object.keys(FORMATS) as readonly TranscriptFormat[];

/** What a file of the format ends in, behind the dot. */
export function extensionOf(format: TranscriptFormat): string {
  return FORMATS[format].extension;
}

/**
 * Who spoke when, as text of a format.
 * @throws {WhospeaksError} `invalid-option` where the format cannot tell two speakers apart
 */
export function formatTranscript(format: TranscriptFormat, transcript: Transcript): string {
  return FORMATS[format].write(transcript);
}
