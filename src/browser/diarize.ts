import { z } from 'zod';
import type { Diarization, DiarizeProgress } from '../clustering/types.js';
import type { DiarizeOptions as NodeOptions } from '../diarize.js';
import { parseOptions } from '../options.js';
import { soundSchema, type SoundSource } from './sound-source.js';
import { browserModelSchema, linkOf, type SpeakerModel } from './speaker-model.js';

/** As in Node, with the bundled segmentation network. */
export type DiarizeOptions = Omit<NodeOptions, 'segmentation'>;

const argumentsSchema = z.object({
  model: browserModelSchema,
  source: z.union([soundSchema, z.array(soundSchema).min(1)]),
});

/**
 * Who spoke when in a whole recording, as in Node. The segmentation network (2.9 MB) is loaded at the first call.
 *
 * @param source a recording; with `audio: 'channels'` one source a channel
 */
export async function diarize(
  model: SpeakerModel,
  source: SoundSource | readonly SoundSource[],
  { signal, onProgress, ...options }: DiarizeOptions = {},
): Promise<Diarization> {
  parseOptions('diarize', argumentsSchema, { model, source });
  if (signal?.aborted === true) throw signal.reason as Error;
  const link = linkOf(model);
  const heads = ('open' in source ? [source] : source).map((one) => link.head(one));
  const running = link.call(
    'diarize',
    { sources: heads, options },
    {
      sources: heads,
      onTold: (told) => {
        if (told.kind === 'progress') onProgress?.(told.progress as DiarizeProgress);
      },
    },
  );
  return new Promise<Diarization>((resolve, reject) => {
    const abort = (): void => {
      running.stop();
      reject(signal!.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    running.answer.then(resolve, reject).finally(() => {
      signal?.removeEventListener('abort', abort);
    });
  });
}
