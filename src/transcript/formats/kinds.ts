interface Kind {
  /** What a file's name ends in, behind the dot. */
  readonly extension: string;
  readonly mediaType: string;
}

const KINDS = {
  txt: { extension: 'txt', mediaType: 'text/plain' },
  rttm: { extension: 'rttm', mediaType: 'text/plain' },
  json: { extension: 'json', mediaType: 'application/json' },
  srt: { extension: 'srt', mediaType: 'application/x-subrip' },
  vtt: { extension: 'vtt', mediaType: 'text/vtt' },
  csv: { extension: 'csv', mediaType: 'text/csv' },
  textgrid: { extension: 'TextGrid', mediaType: 'text/plain' },
  // Audacity's own extension for labels is that of text.
  audacity: { extension: 'labels.txt', mediaType: 'text/plain' },
} satisfies Record<string, Kind>;

/** Of words alone. */
const WORD_KINDS = {
  md: { extension: 'md', mediaType: 'text/markdown' },
  ctm: { extension: 'ctm', mediaType: 'text/plain' },
  stm: { extension: 'stm', mediaType: 'text/plain' },
} satisfies Record<Exclude<AnyFormat, TranscriptFormat>, Kind>;

const ALL = { ...KINDS, ...WORD_KINDS };

export type TranscriptFormat = keyof typeof KINDS;
/** What who spoke when, or who said what, can be written in. */
export type AnyFormat = TranscriptFormat | 'md' | 'ctm' | 'stm';

export const TRANSCRIPT_FORMATS = Object.keys(KINDS) as readonly TranscriptFormat[];
/** Those that only words can be written in come last. */
export const ANY_FORMATS = Object.keys(ALL) as readonly AnyFormat[];

/** What a file of the format ends in, behind the dot. */
export function extensionOf(format: AnyFormat): string {
  return ALL[format].extension;
}

export function mediaTypeOf(format: AnyFormat): string {
  return ALL[format].mediaType;
}

export function isTranscriptFormat(name: string): name is TranscriptFormat {
  return Object.hasOwn(KINDS, name);
}

export function isAnyFormat(name: string): name is AnyFormat {
  return Object.hasOwn(ALL, name);
}
