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

export type TranscriptFormat = keyof typeof KINDS;

export const TRANSCRIPT_FORMATS = Object.keys(KINDS) as readonly TranscriptFormat[];

/** What a file of the format ends in, behind the dot. */
export function extensionOf(format: TranscriptFormat): string {
  return KINDS[format].extension;
}

export function mediaTypeOf(format: TranscriptFormat): string {
  return KINDS[format].mediaType;
}

export function isTranscriptFormat(name: string): name is TranscriptFormat {
  return Object.hasOwn(KINDS, name);
}
