import type { MaskEmbedder } from '../native/masked-embedder.js';
import { normalize } from '../native/vectors.js';
import { SAMPLE_RATE_HZ, SEGMENTATION_STEP_SAMPLES } from '../stream/geometry.js';
import { columnsIn, FeatureColumns } from './feature-columns.js';
import {
  centreOf,
  columnsBetween,
  columnWeights,
  localMasks,
  windowActivity,
  withoutLeaks,
  type WindowActivity,
} from './local-speakers.js';
import { Rows } from './rows.js';
import type { DiarizationSettings } from './settings.js';
import type { WindowSegmenter } from '../native/types.js';

/** A stretch of a window's local speaker, embedded. */
export interface LocalVoice {
  /** 0 to 2. */
  readonly local: number;
  /** Frames of the window from, to (exclusive). */
  readonly from: number;
  readonly to: number;
  /** L2-normalised. */
  readonly embedding: Float32Array;
  /** Speech behind the embedding. */
  readonly seconds: number;
}

/** A window after both networks. */
export interface HeardWindow {
  /** Of its first frame, in frames of the recording (`SEGMENTATION_STEP_SAMPLES` samples). */
  readonly startFrame: number;
  readonly activity: WindowActivity;
  readonly voices: readonly LocalVoice[];
}

/** A recording after both networks: 3 kB a window and 1 kB a stretch, so some 60 MB for 10 hours. */
export interface HeardRecording {
  readonly windows: readonly HeardWindow[];
  readonly samples: number;
}

export interface HearingNetworks {
  readonly embedder: MaskEmbedder;
  readonly segmenter: WindowSegmenter;
}

/** What the segmentation network was made for: 10 s. A shorter recording is filled up with zeros. */
const WINDOW_SAMPLES = 10 * SAMPLE_RATE_HZ;

/** Hears one recording, as its samples come: in windows, each through both networks. Memory beside the answer is bounded. */
export class RecordingListener {
  readonly windows: HeardWindow[] = [];
  readonly #samples = new Rows(1);
  readonly #columns: FeatureColumns;
  readonly #stepSamples: number;
  /** Windows in all, once the end is known. */
  #count = Infinity;

  constructor(
    private readonly networks: HearingNetworks,
    private readonly settings: DiarizationSettings,
    /** Whether a voice at that sample is another recording's. */
    private readonly isLeak?: (sample: number) => boolean,
  ) {
    this.#columns = new FeatureColumns(networks.embedder);
    this.#stepSamples = settings.stepFrames * SEGMENTATION_STEP_SAMPLES;
  }

  /** Samples so far. */
  get pushed(): number {
    return this.#samples.end;
  }

  get heardSamples(): number {
    return Math.min(this.pushed, this.windows.length * this.#stepSamples);
  }

  /** First sample of what is still to be heard. */
  get neededFrom(): number {
    return this.#samples.start;
  }

  push(samples: Float32Array): void {
    this.#samples.append(samples);
    this.#columns.push(samples);
  }

  end(): void {
    this.#columns.end();
    const beyond = this.pushed - WINDOW_SAMPLES;
    this.#count = this.pushed === 0 ? 0 : 1 + Math.max(0, Math.ceil(beyond / this.#stepSamples));
  }

  /** Windows whose sound is all there. */
  get ready(): number {
    const done = this.windows.length;
    if (this.#count !== Infinity) return this.#count - done;
    let ready = 0;
    while (ready < this.settings.batchWindows && this.#neededFor(done + ready) <= this.pushed) ready++;
    return ready;
  }

  /** The columns of a window's end come with the chunk that they are in. */
  #neededFor(window: number): number {
    const end = window * this.#stepSamples + WINDOW_SAMPLES;
    return Math.max(end, FeatureColumns.samplesFor(columnsBetween(0, end).to));
  }

  /** The last window ends with the recording, so that none but a recording shorter than a window is filled up with zeros. */
  #startOf(window: number): number {
    const last =
      this.#count === Infinity
        ? Infinity
        : Math.ceil((this.pushed - WINDOW_SAMPLES) / SEGMENTATION_STEP_SAMPLES);
    return Math.min(window * this.#stepSamples, Math.max(0, last * SEGMENTATION_STEP_SAMPLES));
  }

  /** The next windows, both networks at once. */
  async hear(count: number): Promise<void> {
    const first = this.windows.length;
    const starts = Array.from({ length: count }, (_, i) => this.#startOf(first + i));
    const input = starts.map((start) => {
      const window = new Float32Array(WINDOW_SAMPLES);
      window.set(this.#samples.slice(start, Math.min(start + WINDOW_SAMPLES, this.pushed)));
      return window;
    });
    const lastEnd = starts.at(-1)! + WINDOW_SAMPLES;
    const [answers] = await Promise.all([
      this.networks.segmenter.segment(input),
      this.#columns.advance(Math.min(columnsBetween(0, lastEnd).to, columnsIn(this.pushed))),
    ]);
    for (const [i, start] of starts.entries()) {
      const activity = windowActivity(answers[i]!.logProbabilities);
      await this.#embed(start, this.#own(activity, start));
    }
    const next = this.#startOf(first + count);
    this.#samples.dropBefore(next);
    this.#columns.dropBefore(columnsBetween(0, next).to);
  }

  #own(activity: WindowActivity, start: number): WindowActivity {
    const { isLeak } = this;
    if (isLeak === undefined) return activity;
    const { leakSeconds } = this.settings;
    return withoutLeaks(activity, (frame) => isLeak(start + centreOf(frame)), leakSeconds);
  }

  async #embed(start: number, activity: WindowActivity): Promise<void> {
    const range = columnsBetween(start, start + WINDOW_SAMPLES);
    const last = Math.min(range.to, columnsIn(this.pushed));
    const columns = { from: Math.min(range.from, last), to: last };
    const masks = localMasks(activity, this.settings)
      .map((mask) => ({ ...mask, weights: columnWeights(mask.mask, start, columns) }))
      .filter(({ weights }) => weights.some((weight) => weight > 0));
    const embeddings = await this.networks.embedder.pool(
      this.#columns.slice(columns.from, columns.to),
      masks.map(({ weights }) => weights),
    );
    this.windows.push({
      startFrame: start / SEGMENTATION_STEP_SAMPLES,
      activity,
      voices: masks.map(({ local, from, to, seconds }, i) => ({
        local,
        from,
        to,
        seconds,
        embedding: normalize(embeddings[i]!),
      })),
    });
  }
}
