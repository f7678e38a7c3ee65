import { escapeSrt } from '../../formats/srt.js';
import { hoursText } from '../../formats/times.js';
import { escapeVtt } from '../../formats/vtt.js';
import { utterancesOf, type Utterance, type UtteranceLimits } from '../utterances.js';
import type { NamedTranscript, WordWriter } from './named-transcript.js';

/** Two lines of a screen, and as long as they are easily read. */
const CUE: UtteranceLimits = { pauseSeconds: 1.5, seconds: 6, characters: 84 };

/** A cue ends after it starts (WebVTT), however short the word that is all of it, seconds. */
const LEAST_CUE_SECONDS = 0.1;

/** SubRip captions: `alice: Hello.` */
export const writeSrtWords: WordWriter = ({ words }) =>
  cuesOf(words)
    .map(({ speaker, start, end, text }, i) => {
      const times = `${hoursText(start, ',')} --> ${hoursText(end, ',')}`;
      return `${i + 1}\n${times}\n${escapeSrt(`${speaker}: ${text}`)}\n`;
    })
    .join('\n');

/** WebVTT captions (W3C): the voice of a cue is the speaker. */
export const writeVttWords: WordWriter = ({ words }) => {
  const cues = cuesOf(words).map(
    ({ speaker, start, end, text }) =>
      `${hoursText(start, '.')} --> ${hoursText(end, '.')}\n<v ${escapeVtt(speaker)}>${escapeVtt(text)}</v>\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
};

function cuesOf(words: NamedTranscript['words']): Utterance[] {
  return utterancesOf(words, CUE).map((cue) => ({
    ...cue,
    end: Math.max(cue.end, cue.start + LEAST_CUE_SECONDS),
  }));
}
