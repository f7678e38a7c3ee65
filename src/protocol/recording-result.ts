import type { Diarization } from '../clustering/types.js';
import type { NamedWord } from '../transcript/words/name-words.js';
import type { RecordingReply, RecordingTranscript } from './http.js';

/** What is answered of a transcript, its words in the form that the writers take. */
export interface NamedTranscript extends Omit<RecordingTranscript, 'words'> {
  /** In order of start. */
  readonly words: readonly NamedWord[];
}

/** What came of a recording; words where a transcript came with it. */
interface Found extends Diarization {
  readonly transcript?: NamedTranscript | undefined;
}

/** The parts of the answer that say what came of it. */
export function foundIn(result: Found): Pick<RecordingReply, 'segments' | 'speakers' | 'transcript'> {
  return {
    segments: result.segments.map(({ speaker, known, start, end, probability, channel }) => ({
      speaker,
      known,
      startSeconds: start,
      endSeconds: end,
      probability,
      ...(channel === undefined ? {} : { channel }),
    })),
    speakers: result.speakers.map(({ label, known, seconds, channel }) => ({
      label,
      known,
      seconds,
      ...(channel === undefined ? {} : { channel }),
    })),
    ...(result.transcript === undefined ? {} : { transcript: transcriptOf(result.transcript) }),
  };
}

function transcriptOf({ words, ...told }: NamedTranscript): RecordingTranscript {
  return {
    ...told,
    words: words.map(({ text, start, end, speaker, known, probability, confidence, channel }) => ({
      text,
      startSeconds: start,
      endSeconds: end,
      speaker,
      known,
      probability,
      ...(confidence === undefined ? {} : { confidence }),
      ...(channel === undefined ? {} : { channel }),
    })),
  };
}
