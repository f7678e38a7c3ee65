import type { TranscriptWriter } from '../transcript.js';

/** CSV (RFC 4180, but for line feeds alone) with a header; for spreadsheets. */
export const writeCsv: TranscriptWriter = ({ recording, segments }) => {
  const rows = segments.map(({ speaker, known, start, end, probability, channel }) => [
    quoted(recording),
    quoted(speaker),
    String(known),
    start.toFixed(3),
    end.toFixed(3),
    probability.toFixed(3),
    channel === undefined ? '' : String(channel),
  ]);
  const header = ['recording', 'speaker', 'known', 'start', 'end', 'probability', 'channel'];
  return [header, ...rows].map((row) => `${row.join(',')}\n`).join('');
};

/** A spreadsheet takes what begins like a formula for one: an apostrophe before it makes it text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
