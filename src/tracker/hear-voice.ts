import { lastValueFrom, tap, toArray } from 'rxjs';
import { embeddedWindows } from '../native/embedded-windows.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { EmbeddedWindow } from '../native/types.js';
import { SAMPLE_RATE_HZ, type AudioSource } from '../stream/types.js';
import { heardElsewhere } from './elsewhere.js';
import { RecordingQuality } from './recording-quality.js';

/** So much of the beginning of a recording is heard in other places too. */
const ELSEWHERE_SECONDS = 60;

/** A recording of one voice, heard to enrol the voice. */
export interface HeardVoice {
  /** As it is. */
  readonly windows: readonly EmbeddedWindow[];
  /** As it would sound in a room and in noise, a list for each. */
  readonly elsewhere: readonly (readonly EmbeddedWindow[])[];
  readonly quality: RecordingQuality;
}

/**
 * Hear a recording through the stages of the live path; the source is read to its end.
 *
 * @param onWindow called with each window of the recording as it is.
 */
export async function hearVoice(
  model: WindowEmbedder,
  source: AudioSource,
  onWindow: (window: EmbeddedWindow) => void = () => undefined,
): Promise<HeardVoice> {
  const quality = new RecordingQuality();
  const kept = new Float32Array(ELSEWHERE_SECONDS * SAMPLE_RATE_HZ);
  let length = 0;
  const heard = embeddedWindows(source, model, (chunk) => {
    quality.audio(chunk);
    const part = chunk.samples.subarray(0, kept.length - length);
    kept.set(part, length);
    length += part.length;
  });
  const windows = await lastValueFrom(
    heard.pipe(
      tap((window) => {
        quality.flags(window.step);
        onWindow(window);
      }),
      toArray(),
    ),
  );
  const { energy, frames } = quality.sums.speech;
  const elsewhere =
    frames === 0 ? [] : await heardElsewhere(model, kept.subarray(0, length), energy / frames);
  return { windows, elsewhere, quality };
}
