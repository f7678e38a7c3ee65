import { loadModel } from '../load-model.js';
import type { SpeakerModel } from '../native/index.js';
import type { ServerConfig } from './config.js';

/** The model that the settings name; rejects with what `loadModel` rejects with. */
export function configuredModel({ model, engine, precision, threads }: ServerConfig): Promise<SpeakerModel> {
  return loadModel(model, {
    engine,
    precision,
    maxQueuedWindows: 65_536,
    ...(threads === undefined ? {} : { threads }),
  });
}
