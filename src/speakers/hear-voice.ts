import { lastValueFrom, tap, toArray } from 'rxjs';
import { z } from 'zod';
import { embeddedWindows } from '../native/embedded-windows.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { EmbeddedWindow } from '../native/types.js';
import { parseOptions } from '../options.js';
import type { AudioSource } from '../stream/types.js';
import { heardElsewhere } from './augmentation.js';
import { KeptSpeech } from './kept-speech.js';
import { RecordingQuality } from './recording-quality.js';
import { GOOD_SPEECH_RATIO } from './voiced.js';

/** A recording of one voice, heard to enrol the voice. */
export interface HeardVoice {
  /** As it is. */
  readonly windows: readonly EmbeddedWindow[];
  /** Embeddings of windows full of speech as they would sound in a room and in noise, a list for each place; the windows are
   * spread over the whole recording. */
  readonly elsewhere: readonly (readonly Float32Array[])[];
  readonly quality: RecordingQuality;
}

const schema = z.strictObject({
  onWindow: z.custom<(window: EmbeddedWindow) => void>((value) => typeof value === 'function').optional(),
  maxElsewhere: z.number().int().min(1).default(40),
});

export interface HearOptions {
  /** Called with each window of the recording as it is. */
  readonly onWindow?: (window: EmbeddedWindow) => void;
  /** Windows that are heard elsewhere at the most; default 40, 20 s of speech and more. */
  readonly maxElsewhere?: number;
}

/**
 * Hear a recording through the stages of the live path; the source is read to its end. Rejects with `invalid-option`, or
 * what the source and the model reject with.
 */
export async function hearVoice(
  model: WindowEmbedder,
  source: AudioSource,
  options?: HearOptions,
): Promise<HeardVoice> {
  const { onWindow, maxElsewhere } = parseOptions('hearVoice', schema, options);
  const quality = new RecordingQuality();
  const kept = new KeptSpeech(maxElsewhere);
  const heard = embeddedWindows(source, model, (chunk) => {
    quality.audio(chunk);
    kept.audio(chunk);
  }).pipe(
    tap((window) => {
      quality.flags(window.step);
      if (window.embedding !== null && window.speechRatio >= GOOD_SPEECH_RATIO) kept.add(window);
      onWindow?.(window);
    }),
    toArray(),
  );
  const windows = await lastValueFrom(heard);
  const { energy, frames } = quality.sums.speech;
  const elsewhere = await heardElsewhere(model, kept.pieces, energy / Math.max(1, frames));
  return { windows, elsewhere, quality };
}
