import { Framer, type AudioChunk } from '../../src/stream/index.js';
import { FeatureExtractor, Windower, type WindowOptions } from '../../src/fbank/index.js';
import type { ModelIdentity, Profile } from '../../src/speakers/index.js';
import { indexVoices, Tracker } from '../../src/tracker/index.js';
import type { FeatureWindow } from '../../src/fbank/types.js';
import { nativeFrontEnd, type EmbeddedWindow, type WindowEmbedder } from '../../src/native/index.js';

export const STEP_SAMPLES = 8000;
export const STEP_MS = 500;

export interface StreamOptions {
  readonly model: WindowEmbedder;
  /** What the tracker is told of it: its name, and its cohort. */
  readonly identity: ModelIdentity;
  readonly speakers: readonly Profile[];
  readonly windowing?: WindowOptions;
  /** Embed silence too, as peers do. */
  readonly embedAll: boolean;
}

/** One live stream: what `identify` does with sound that has come, as plain calls, so that each part can be timed. */
export class LiveStream {
  readonly #framer = new Framer();
  readonly #extractor = new FeatureExtractor(nativeFrontEnd);
  readonly #windower: Windower;
  readonly #tracker: Tracker;
  embedded = 0;
  windows = 0;

  constructor(private readonly options: StreamOptions) {
    this.#windower = new Windower(options.windowing);
    this.#tracker = new Tracker({
      speakers: options.speakers,
      model: options.identity,
      makeIndex: indexVoices,
    });
  }

  /** Half a second more; resolves when every event of it was told. */
  async push(chunk: AudioChunk): Promise<void> {
    const frames = this.#framer.push(chunk);
    if (frames === null) return;
    for (const window of this.#windower.push(this.#extractor.push(frames))) {
      const { startSample, endSample, speechRatio, step } = window;
      this.#tracker.push({ startSample, endSample, speechRatio, step, ...(await this.#embed(window)) });
    }
  }

  async #embed(window: FeatureWindow): Promise<Pick<EmbeddedWindow, 'embedding' | 'overlap'>> {
    this.windows += 1;
    const isSilent = window.speechRatio < 0.3 || window.isPassedOver === true;
    if (!this.options.embedAll && isSilent) return { embedding: null };
    this.embedded += 1;
    return this.options.model.embedWindow(window);
  }
}

/** Half seconds of the recording, over and over, from a place of the stream's own. */
export function* halfSeconds(recording: Float32Array, offset: number): Generator<AudioChunk, never> {
  for (let startSample = 0; ; startSample += STEP_SAMPLES) {
    const at = (offset + startSample) % (recording.length - STEP_SAMPLES);
    yield { startSample, samples: recording.subarray(at, at + STEP_SAMPLES) };
  }
}
