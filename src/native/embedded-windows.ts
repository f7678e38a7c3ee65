import { defer, tap, type Observable } from 'rxjs';
import { features, windows } from '../fbank/operator.js';
import { Demand } from '../stream/demand.js';
import { chunks, frames } from '../stream/operator.js';
import type { AudioChunk, AudioSource } from '../stream/types.js';
import { nativeFrontEnd } from './front-end.js';
import { embeddings, type WindowEmbedder } from './operator.js';
import type { EmbeddedWindow } from './types.js';

/** Windows that may wait for the network before the source is asked for no more. */
const MAX_PENDING_WINDOWS = 8;

/**
 * The live path up to the embeddings, at its defaults: what enrolment and calibration hear of a recording.
 * Each subscription reads `source` once.
 *
 * @param onAudio called with the audio on its way to the frames.
 */
export function embeddedWindows(
  source: AudioSource,
  model: WindowEmbedder,
  onAudio: (chunk: AudioChunk) => void = () => undefined,
): Observable<EmbeddedWindow> {
  return defer(() => {
    const demand = new Demand(MAX_PENDING_WINDOWS);
    return chunks(source, demand).pipe(
      tap(onAudio),
      frames(),
      features(nativeFrontEnd),
      windows(),
      embeddings(model, { demand }),
    );
  });
}
