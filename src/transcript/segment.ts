import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { BookedTurn } from './turn-book.js';

/** One speaker from where to where, seconds from the start of the recording; the form that every writer takes. */
export interface TranscriptSegment {
  /** An enrolled name, `unknown-1`, `unknown-2` … (one unenrolled voice each), or `unknown`. */
  readonly speaker: string;
  /** Whether `speaker` is an enrolled name. */
  readonly known: boolean;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Probability that the label is right, 0 to 1. */
  readonly probability: number;
  /** Where channels are recordings of their own: which one, from 0. */
  readonly channel?: number;
}

export interface TurnSegmentsOptions {
  /** Also where somebody else who can be told speaks at the same time, with the turn's probability; default false. */
  readonly others?: boolean;
}

/** The stretches of speech of settled turns, in order of their start. */
export function segmentsOfTurns(
  turns: readonly BookedTurn[],
  { others = false }: TurnSegmentsOptions = {},
): TranscriptSegment[] {
  const enrolled = new Set(turns.filter(({ known }) => known).map(({ speaker }) => speaker));
  return turns
    .filter(({ final }) => final)
    .flatMap(({ speaker, known, probability, speech, overlaps, channel }) => [
      ...speech.map((stretch) => ({ speaker, known, probability, ...inSeconds(stretch), ...of(channel) })),
      ...(others ? overlaps : []).flatMap(({ other, ...stretch }) =>
        other === null
          ? []
          : [
              {
                speaker: other,
                known: enrolled.has(other),
                probability,
                ...inSeconds(stretch),
                ...of(channel),
              },
            ],
      ),
    ])
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

function of(channel: number | undefined): Pick<TranscriptSegment, 'channel'> {
  return channel === undefined ? {} : { channel };
}

/** A speaker as text, and where channels are told apart, on which: `alice (channel 1)`; people count them from 1. */
export function labelText({ speaker, channel }: Pick<TranscriptSegment, 'speaker' | 'channel'>): string {
  return channel === undefined ? speaker : `${speaker} (${channelText(channel)})`;
}

/** `channel 1` of channel 0. */
export function channelText(channel: number): string {
  return `channel ${channel + 1}`;
}

function inSeconds({ startSample, endSample }: { startSample: number; endSample: number }) {
  return { start: startSample / SAMPLE_RATE_HZ, end: endSample / SAMPLE_RATE_HZ };
}
