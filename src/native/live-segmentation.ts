import { concatMap, type MonoTypeOperatorFunction } from 'rxjs';
import type { PerChannel } from '../stream/chunk.js';
import type { Demand } from '../stream/demand.js';
import { SAMPLE_RATE_HZ, SEGMENTATION_FIELD_SAMPLES, SEGMENTATION_STEP_SAMPLES } from '../stream/geometry.js';
import type { AudioChunk } from '../stream/types.js';
import { POWERSET } from './powerset.js';
import { joined } from './sample-spans.js';
import type { EmbeddedWindow, SampleSpan, SegmentedSpan, WindowSegmenter } from './types.js';

/** What the network was made for. */
const WINDOW_SAMPLES = 10 * SAMPLE_RATE_HZ;
/** From one run to the next. */
const HOP_SAMPLES = 0.5 * SAMPLE_RATE_HZ;
/** The end of a window is left to the next run, which hears what follows. */
const MARGIN_SAMPLES = 0.25 * SAMPLE_RATE_HZ;
/** Zeros before a stream that has just begun, so that the first windows are no shorter than this. */
const SHORTEST_SAMPLES = SAMPLE_RATE_HZ;
/** Probability of two voices from which they are told; chosen on the meetings of `npm run accuracy` among 0.25, 0.35 and 0.5. */
const TOGETHER_PROBABILITY = 0.35;

interface Run {
  /** Of the sound that it hears. */
  readonly endSample: number;
  readonly heard: Promise<SegmentedSpan>;
  /** What it resolved with. */
  said?: SegmentedSpan;
}

interface SegmentationState {
  readonly samples: Float32Array;
  readonly end: number;
  readonly settled: number;
  readonly runs: readonly { readonly endSample: number; readonly said: SegmentedSpan }[];
}

/**
 * A segmentation network over the last 10 s of a stream, every half second: where two voices are heard at once. What a run says
 * of its last quarter of a second is not used.
 */
export class LiveSegmentation {
  readonly #segmenter: WindowSegmenter;
  readonly #demand: Demand;
  /** Holds the last samples of the stream: `#length` of them, up to `#end`. */
  #samples = new Float32Array(2 * WINDOW_SAMPLES);
  #length = 0;
  #end = 0;
  #settled = 0;
  readonly #runs: Run[] = [];

  /** @param demand each run is taken from it, and given back when it is done, so that a file is read no faster than that. */
  constructor(segmenter: WindowSegmenter, demand: Demand) {
    this.#segmenter = segmenter;
    this.#demand = demand;
  }

  /** Sound as it comes. What is missing before it counts as silence. */
  push({ startSample, samples }: AudioChunk): void {
    if (startSample - this.#end > WINDOW_SAMPLES) {
      this.#length = 0;
      this.#end = startSample;
      this.#settled = startSample;
    } else if (startSample > this.#end) {
      this.#add(new Float32Array(startSample - this.#end));
    }
    this.#add(samples);
  }

  /** What the runs say that end by `sample`; undefined where none has ended since the last call. */
  async until(sample: number): Promise<SegmentedSpan | undefined> {
    const together: SampleSpan[] = [];
    let span: SegmentedSpan | undefined;
    while (this.#runs.length > 0 && this.#runs[0]!.endSample <= sample) {
      const heard = await this.#runs.shift()!.heard;
      together.push(...heard.together);
      span = {
        startSample: span?.startSample ?? heard.startSample,
        endSample: heard.endSample,
        together: joined(together),
      };
    }
    return span;
  }

  /** Resolves when no run is in the network. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#runs.map(({ heard }) => heard));
  }

  /** While no run is in the network. */
  save(): unknown {
    const state: SegmentationState = {
      samples: this.#samples.slice(Math.max(0, this.#length - WINDOW_SAMPLES), this.#length),
      end: this.#end,
      settled: this.#settled,
      runs: this.#runs.map(({ endSample, said }) => ({ endSample, said: said! })),
    };
    return state;
  }

  load(state: unknown): void {
    const { samples, end, settled, runs } = state as SegmentationState;
    this.#samples.set(samples);
    this.#length = samples.length;
    this.#end = end;
    this.#settled = settled;
    for (const { endSample, said } of runs) {
      this.#runs.push({ endSample, said, heard: Promise.resolve(said) });
    }
  }

  #add(samples: Float32Array): void {
    for (let at = 0; at < samples.length;) {
      const next = Math.floor(this.#end / HOP_SAMPLES + 1) * HOP_SAMPLES;
      const piece = samples.subarray(at, at + Math.min(samples.length - at, next - this.#end));
      if (this.#length + piece.length > this.#samples.length) {
        this.#samples.copyWithin(0, this.#length - WINDOW_SAMPLES, this.#length);
        this.#length = WINDOW_SAMPLES;
      }
      this.#samples.set(piece, this.#length);
      this.#length += piece.length;
      this.#end += piece.length;
      at += piece.length;
      if (this.#end === next) this.#begin();
    }
  }

  /** A run over the last 10 s. */
  #begin(): void {
    const count = Math.min(this.#length, WINDOW_SAMPLES);
    const window = new Float32Array(Math.max(count, SHORTEST_SAMPLES));
    window.set(this.#samples.subarray(this.#length - count, this.#length), window.length - count);
    const span = {
      startSample: this.#settled,
      endSample: Math.max(this.#settled, this.#end - MARGIN_SAMPLES),
    };
    const firstSample = this.#end - window.length;
    this.#settled = span.endSample;
    this.#demand.acquire();
    const heard = this.#segmenter
      .segment([window])
      .then(([result]) => ({ ...span, together: togetherIn(result!.logProbabilities, firstSample, span) }))
      .finally(() => {
        this.#demand.release();
      });
    const run: Run = { endSample: this.#end, heard };
    heard.then(
      (said) => (run.said = said),
      // After one failure nobody listens to those behind it.
      () => undefined,
    );
    this.#runs.push(run);
  }
}

/** Embedded windows with what the network heard since the one before, once the sound that they are of was pushed. */
export function segmented(live: PerChannel<LiveSegmentation>): MonoTypeOperatorFunction<EmbeddedWindow> {
  return concatMap(async (window) => {
    const heard = await live.of(window.channel).until(window.endSample);
    return heard === undefined ? window : { ...window, segmented: heard };
  });
}

/** Stretches of `span` in which two voices are likely. A frame counts around the middle of what it hears. */
function togetherIn(logProbabilities: Float32Array, firstSample: number, span: SampleSpan): SampleSpan[] {
  const frames = logProbabilities.length / POWERSET.length;
  const stretches: SampleSpan[] = [];
  for (let frame = 0; frame < frames; frame++) {
    if (twoProbability(logProbabilities, frame) < TOGETHER_PROBABILITY) continue;
    const middle = firstSample + frame * SEGMENTATION_STEP_SAMPLES + SEGMENTATION_FIELD_SAMPLES / 2;
    const startSample = Math.max(span.startSample, Math.round(middle - SEGMENTATION_STEP_SAMPLES / 2));
    const endSample = Math.min(span.endSample, Math.round(middle + SEGMENTATION_STEP_SAMPLES / 2));
    if (endSample > startSample) stretches.push({ startSample, endSample });
  }
  return joined(stretches);
}

function twoProbability(logProbabilities: Float32Array, frame: number): number {
  return POWERSET.reduce(
    (sum, speakers, i) =>
      speakers.length < 2 ? sum : sum + Math.exp(logProbabilities[frame * POWERSET.length + i]!),
    0,
  );
}
