import { assertDistinctInRttm, rttmName } from '../../rttm.js';
import type { NamedWord } from '../name-words.js';
import { utterancesOf } from '../utterances.js';
import type { NamedTranscript, WordWriter } from './named-transcript.js';

/** Segments of STM are utterances: scoring tools align them whole. */
const STM_PAUSE_SECONDS = 1;

/** CTM, a line a word, with type and speaker at its end (NIST RT-09 evaluation plan, appendix C). */
export const writeCtm: WordWriter = (transcript) => {
  assertNames(transcript, 'CTM');
  const recording = rttmName(transcript.recording);
  return byChannel(transcript.words)
    .map(({ text, start, end, speaker, confidence, channel = 0 }) => {
      const times = `${start.toFixed(3)} ${(end - start).toFixed(3)}`;
      const sure = confidence === undefined ? 'NA' : confidence.toFixed(3);
      return `${recording} ${channel + 1} ${times} ${rttmName(text)} ${sure} lex ${rttmName(speaker)}\n`;
    })
    .join('');
};

/** STM, a line an utterance (NIST SCTK). */
export const writeStm: WordWriter = (transcript) => {
  assertNames(transcript, 'STM');
  const recording = rttmName(transcript.recording);
  return utterancesOf(byChannel(transcript.words), { pauseSeconds: STM_PAUSE_SECONDS })
    .map(({ speaker, start, end, text, channel = 0 }) => {
      const times = `${start.toFixed(3)} ${end.toFixed(3)}`;
      return `${recording} ${channel + 1} ${rttmName(speaker)} ${times} ${text}\n`;
    })
    .join('');
};

/** Scoring tools refuse lines that are not in order of channel first, and of time within it. */
function byChannel(words: readonly NamedWord[]): NamedWord[] {
  return [...words].sort((a, b) => (a.channel ?? 0) - (b.channel ?? 0));
}

function assertNames({ words }: NamedTranscript, format: string): void {
  assertDistinctInRttm(new Set(words.map(({ speaker }) => speaker)), format);
}
