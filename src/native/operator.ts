import { concatMap, map, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import type { FeatureWindow } from '../fbank/types.js';
import { ofChannel } from '../stream/chunk.js';
import type { Demand } from '../stream/demand.js';
import { MIN_EMBED_FRAMES } from './speaker-model.js';
import type { EmbeddedWindow, WindowEmbedding } from './types.js';

const schema = z.strictObject({
  demand: z.custom<Demand>((value) => value === undefined || typeof value === 'object').optional(),
  minSpeechRatio: z.number().min(0).max(1).default(0.3),
});

export interface EmbeddingsOptions {
  /** Taken for every window that goes to the network and given back when it is done: see `Demand`. */
  demand?: Demand;
  /** Windows with a smaller share of speech are passed on with embedding null, at no cost, as are
   * those that the adaptive step passes over; default 0.3. */
  minSpeechRatio?: number;
}

/** What turns a window into an embedding: a SpeakerModel, or a stage of the user's own. */
export interface WindowEmbedder {
  embedWindow(window: FeatureWindow): Promise<WindowEmbedding>;
}

/**
 * Windows of features to embeddings, in order. Each window goes to the network as it comes, so that those
 * that wait form a batch, also those of several channels; without a `demand` a source that is faster than the network fills the engine's
 * queue, whose bound ends the stream with `engine-failed`.
 */
export function embeddings(
  model: WindowEmbedder,
  options?: EmbeddingsOptions,
): OperatorFunction<FeatureWindow, EmbeddedWindow> {
  const { demand, minSpeechRatio } = parseOptions('embeddings', schema, options);
  const embed = async (window: FeatureWindow): Promise<EmbeddedWindow> => {
    const { startSample, endSample, speechRatio, isPassedOver, step, channel } = window;
    if (isPassedOver || speechRatio < minSpeechRatio || window.frames < MIN_EMBED_FRAMES) {
      return ofChannel({ startSample, endSample, speechRatio, embedding: null, step }, channel);
    }
    demand?.acquire();
    try {
      const { embedding, overlap } = await model.embedWindow(window);
      return ofChannel({ startSample, endSample, speechRatio, embedding, overlap, step }, channel);
    } finally {
      demand?.release();
    }
  };
  return (windows) =>
    windows.pipe(
      map((window) => {
        const result = embed(window);
        // After one failure nobody listens to those behind it.
        result.catch(() => undefined);
        return result;
      }),
      concatMap((result) => result),
    );
}
