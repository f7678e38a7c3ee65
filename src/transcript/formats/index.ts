import type { Transcript, TranscriptWriter } from '../transcript.js';
import { writeAudacity } from './audacity.js';
import { writeCsv } from './csv.js';
import { writeJson } from './json.js';
import type { TranscriptFormat } from './kinds.js';
import { writeRttm } from './rttm.js';
import { writeSrt } from './srt.js';
import { writeText } from './text.js';
import { writeTextGrid } from './textgrid.js';
import { writeVtt } from './vtt.js';

export {
  ANY_FORMATS,
  extensionOf,
  isAnyFormat,
  isTranscriptFormat,
  mediaTypeOf,
  TRANSCRIPT_FORMATS,
  type AnyFormat,
  type TranscriptFormat,
} from './kinds.js';

const WRITERS: Readonly<Record<TranscriptFormat, TranscriptWriter>> = {
  txt: writeText,
  rttm: writeRttm,
  json: writeJson,
  srt: writeSrt,
  vtt: writeVtt,
  csv: writeCsv,
  textgrid: writeTextGrid,
  audacity: writeAudacity,
};

/**
 * Who spoke when, as text of a format.
 * @throws {WhospeaksError} `invalid-option` where the format cannot tell two speakers apart
 */
export function formatTranscript(format: TranscriptFormat, transcript: Transcript): string {
  return WRITERS[format](transcript);
}
