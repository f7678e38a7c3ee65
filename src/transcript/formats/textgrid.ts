import { labelText } from '../segment.js';
import { segmentsBySpeaker } from '../by-speaker.js';
import type { Transcript, TranscriptWriter } from '../transcript.js';

interface Interval {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A TextGrid of Praat, in its long text form: an interval tier for each speaker of each channel, which covers the whole recording. */
export const writeTextGrid: TranscriptWriter = (transcript) => {
  const duration = Math.max(transcript.duration, ...transcript.segments.map(({ end }) => end));
  const tiers = tiersOf(transcript, duration);
  const lines = [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    'xmin = 0',
    `xmax = ${time(duration)}`,
    'tiers? <exists>',
    `size = ${tiers.length}`,
    'item []:',
  ];
  tiers.forEach(({ name, intervals }, i) => {
    lines.push(
      `    item [${i + 1}]:`,
      '        class = "IntervalTier"',
      `        name = ${quoted(name)}`,
      '        xmin = 0',
      `        xmax = ${time(duration)}`,
      `        intervals: size = ${intervals.length}`,
    );
    intervals.forEach(({ start, end, text }, k) => {
      lines.push(
        `        intervals [${k + 1}]:`,
        `            xmin = ${time(start)}`,
        `            xmax = ${time(end)}`,
        `            text = ${quoted(text)}`,
      );
    });
  });
  return `${lines.join('\n')}\n`;
};

function tiersOf({ segments }: Transcript, duration: number): { name: string; intervals: Interval[] }[] {
  // Praat takes a TextGrid without tiers, other programs do not.
  if (segments.length === 0) return [{ name: 'nobody', intervals: [{ start: 0, end: duration, text: '' }] }];
  const named = segments.map((segment) => ({ ...segment, speaker: labelText(segment) }));
  return [...segmentsBySpeaker(named)].map(([name, spoken]) => {
    const intervals: Interval[] = [];
    let at = 0;
    for (const { start, end } of spoken) {
      // An interval of no length is none.
      if (time(start) !== time(at)) intervals.push({ start: at, end: start, text: '' });
      intervals.push({ start, end, text: name });
      at = end;
    }
    if (time(at) !== time(duration)) intervals.push({ start: at, end: duration, text: '' });
    return { name, intervals };
  });
}

function time(seconds: number): string {
  return String(Math.round(seconds * 1e6) / 1e6);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
