import type { Diarization } from './clustering/types.js';
import { diarize, type DiarizeOptions } from './diarize.js';
import { SegmentationModel } from './native/segmentation-model.js';
import { loadModel } from './load-model.js';
import type { SpeakerModel, SpeakerModelOptions } from './native/speaker-model.js';
import { fromSamples } from './stream/source.js';

export interface DiarizationPipelineOptions {
  /** Of the embedding network: name, file or folder; default the bundled one. */
  readonly model?: string;
  /** Of the segmentation network; default the bundled one. */
  readonly segmentation?: string;
  readonly engine?: SpeakerModelOptions;
}

/** Both networks, loaded once, for many recordings. `diarize` with a source does the same for one. */
export class DiarizationPipeline {
  private constructor(
    /** Profiles for `diarize` are made with it. */
    readonly model: SpeakerModel,
    readonly segmentation: SegmentationModel,
  ) {}

  /** Rejects as `SpeakerModel.fromPretrained` and `SegmentationModel.fromPretrained`. */
  static async fromPretrained({
    model,
    segmentation,
    engine,
  }: DiarizationPipelineOptions = {}): Promise<DiarizationPipeline> {
    const speaker = await loadModel(model, engine);
    try {
      return new DiarizationPipeline(speaker, await SegmentationModel.fromPretrained(segmentation));
    } catch (error) {
      speaker.close();
      throw error;
    }
  }

  /**
   * @param audio mono samples, -1 to 1
   * @param sampleRateHz their rate
   * Rejects as `diarize`.
   */
  diarize(
    audio: Float32Array,
    sampleRateHz: number,
    options?: Omit<DiarizeOptions, 'segmentation' | 'audio'>,
  ): Promise<Diarization> {
    return diarize(this.model, fromSamples(audio, sampleRateHz), {
      ...options,
      segmentation: this.segmentation,
    });
  }

  /** Frees both networks. */
  close(): void {
    this.model.close();
    this.segmentation.close();
  }
}
