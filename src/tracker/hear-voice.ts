import { lastValueFrom, tap, toArray } from 'rxjs';
import { embeddedWindows } from '../native/embedded-windows.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { EmbeddedWindow } from '../native/types.js';
import type { AudioSource } from '../stream/types.js';
import { heardElsewhere } from './elsewhere.js';
import { KeptSpeech } from './kept-speech.js';
import { RecordingQuality } from './recording-quality.js';
import { GOOD_SPEECH_RATIO } from './voiced.js';

/** Windows of a recording that are heard elsewhere: about 20 s of speech. */
const MAX_ELSEWHERE = 40;

/** A recording of one voice, heard to enrol the voice. */
export interface HeardVoice {
  /** As it is. */
  readonly windows: readonly EmbeddedWindow[];
  /** Embeddings of windows full of speech as they would sound in a room and in noise, a list for each place; the windows are
   * spread over the whole recording. */
  readonly elsewhere: readonly (readonly Float32Array[])[];
  readonly quality: RecordingQuality;
}

export interface HearOptions {
  /** Called with each window of the recording as it is. */
  readonly onWindow?: (window: EmbeddedWindow) => void;
  /** Windows that are heard elsewhere at the most; default 40. */
  readonly maxElsewhere?: number;
}

/** Hear a recording through the stages of the live path; the source is read to its end. */
export async function hearVoice(
  model: WindowEmbedder,
  source: AudioSource,
  { onWindow = () => undefined, maxElsewhere = MAX_ELSEWHERE }: HearOptions = {},
): Promise<HeardVoice> {
  const quality = new RecordingQuality();
  const kept = new KeptSpeech(maxElsewhere);
  const heard = embeddedWindows(source, model, (chunk) => {
    quality.audio(chunk);
    kept.audio(chunk);
  }).pipe(
    tap((window) => {
      quality.flags(window.step);
      if (window.embedding !== null && window.speechRatio >= GOOD_SPEECH_RATIO) kept.add(window);
      onWindow(window);
    }),
    toArray(),
  );
  const windows = await lastValueFrom(heard);
  const { energy, frames } = quality.sums.speech;
  const elsewhere = await heardElsewhere(model, kept.pieces, energy / Math.max(1, frames));
  return { windows, elsewhere, quality };
}
