import { z } from 'zod';
import { parseOptions } from '../options.js';
import {
  framesIn,
  MEL_BINS,
  msToSamples,
  samplesOf,
  SHIFT_MS,
  SHIFT_SAMPLES,
  WINDOW_MS,
} from '../stream/geometry.js';
import { StepPlanner } from './step-planner.js';
import { subtractMean } from './subtract-mean.js';
import type { FeatureBlock, FeatureWindow, WindowStep } from './types.js';

/** The options of this stage, for every function that has it in it; `withWindowRules` says what they owe each other. */
export const windowFields = {
  windowMs: z.number().min(500).max(10_000).default(WINDOW_MS),
  stepMs: z.number().min(100).max(5_000).multipleOf(SHIFT_MS).default(500),
  maxStepMs: z.number().min(100).max(10_000).optional(),
};
const schema = withWindowRules(z.strictObject(windowFields));

export function withWindowRules<Schema extends z.ZodObject<typeof windowFields>>(fields: Schema): Schema {
  return fields
    .refine((o) => o.maxStepMs === undefined || (o.maxStepMs >= o.stepMs && o.maxStepMs <= o.windowMs), {
      path: ['maxStepMs'],
      message: 'expected stepMs to windowMs',
    })
    .refine((o) => o.stepMs <= o.windowMs, { path: ['stepMs'], message: 'expected no more than windowMs' });
}

export interface WindowOptions {
  /** Length of a window, ms, 500 to 10000; default 1500, which is 148 frames. */
  windowMs?: number | undefined;
  /** From one window's start to the next, ms, a multiple of 10, 100 to `windowMs`; default 500. */
  stepMs?: number | undefined;
  /**
   * If given, the step adapts. While one voice continues, windows are skipped, so that embedded ones may lie
   * this far apart: ms, `stepMs` to `windowMs`. Near pauses and changes of sound none is skipped; in silence
   * all are. Steps still come every `stepMs`, so no event is later.
   */
  maxStepMs?: number | undefined;
}

/** Defaults filled in; throws `invalid-option`. */
export function parseWindowOptions(options?: WindowOptions): z.output<typeof schema> {
  return parseOptions('windows', schema, options);
}

interface WindowerState {
  readonly features: Float32Array;
  readonly speech: Uint8Array;
  readonly samples: Float32Array | null;
  readonly hasSamples: boolean;
  readonly runStart: number;
  readonly seen: number;
  readonly covered: number;
  readonly planner: ReturnType<StepPlanner['save']> | undefined;
}

/**
 * Features -> sliding windows, each with the mean over its own frames subtracted from every mel bin.
 *
 * Positions: frame i of a run starts at `runStart + 160 i` and is 400 samples long. A window of f frames
 * spans `startSample` to `startSample + 160 (f - 1) + 400`. Steps tile the stream by frame shifts: frame i
 * covers the 160 samples from its start on, so a step of s frames is 160 s long and the next begins at its
 * end; only the step that `flush` makes reaches to the end of its last frame.
 *
 * `flush` (at the end, and by itself where the stream has a gap) makes a last window that ends at the last
 * frame: of full length where there is enough audio, else of all the frames there are. It makes none where
 * the last frame was already covered. After it the next frame starts a new run.
 */
export class Windower {
  readonly #windowFrames: number;
  readonly #stepFrames: number;
  /** The latest frames of the run, at most twice a window; the last is frame `#seen - 1`. */
  readonly #features: Float32Array;
  readonly #speech: Uint8Array;
  /** The sound of those frames, where blocks bring it. */
  readonly #samples: Float32Array;
  #hasSamples = true;
  readonly #planner: StepPlanner | null;
  #held = 0;
  #runStart = 0;
  /** Frames of this run so far, and how many of them a step has covered. */
  #seen = 0;
  #covered = 0;

  constructor(options?: WindowOptions) {
    const { windowMs, stepMs, maxStepMs } = parseWindowOptions(options);
    this.#windowFrames = framesIn(msToSamples(windowMs));
    this.#stepFrames = stepMs / SHIFT_MS;
    this.#features = new Float32Array(2 * this.#windowFrames * MEL_BINS);
    this.#speech = new Uint8Array(2 * this.#windowFrames);
    this.#samples = new Float32Array(samplesOf(2 * this.#windowFrames));
    this.#planner =
      maxStepMs === undefined
        ? null
        : new StepPlanner(this.#windowFrames, Math.floor(maxStepMs / stepMs) - 1);
  }

  /** The windows that these frames complete, in order. */
  push(block: FeatureBlock): FeatureWindow[] {
    const windows: FeatureWindow[] = [];
    if (block.count === 0) return windows;
    if (this.#seen > 0 && block.startSample !== this.#runStart + this.#seen * SHIFT_SAMPLES) {
      windows.push(...this.flush());
    }
    if (this.#seen === 0) this.#runStart = block.startSample;
    for (let at = 0; at < block.count;) {
      const due = this.#covered === 0 ? this.#windowFrames : this.#covered + this.#stepFrames;
      const take = Math.min(block.count - at, due - this.#seen);
      this.#append(block, at, take);
      at += take;
      if (this.#seen === due) windows.push(this.#window(this.#windowFrames, false));
    }
    return windows;
  }

  /** The last window of the run, where it has frames that no window covers yet. */
  flush(): FeatureWindow[] {
    const windows =
      this.#seen > this.#covered ? [this.#window(Math.min(this.#windowFrames, this.#seen), true)] : [];
    this.#held = this.#seen = this.#covered = 0;
    this.#hasSamples = true;
    this.#planner?.reset();
    return windows;
  }

  /** A window reaches back at most windowFrames from a frame yet to come. */
  save(): unknown {
    const first = Math.max(0, this.#held - this.#windowFrames);
    const state: WindowerState = {
      features: this.#features.slice(first * MEL_BINS, this.#held * MEL_BINS),
      speech: this.#speech.slice(first, this.#held),
      samples:
        this.#hasSamples && this.#held > 0
          ? this.#samples.slice(first * SHIFT_SAMPLES, samplesOf(this.#held))
          : null,
      hasSamples: this.#hasSamples,
      runStart: this.#runStart,
      seen: this.#seen,
      covered: this.#covered,
      planner: this.#planner?.save(),
    };
    return state;
  }

  load(saved: unknown): void {
    const state = saved as WindowerState;
    this.#features.set(state.features);
    this.#speech.set(state.speech);
    if (state.samples !== null) this.#samples.set(state.samples);
    this.#held = state.speech.length;
    this.#hasSamples = state.hasSamples;
    this.#runStart = state.runStart;
    this.#seen = state.seen;
    this.#covered = state.covered;
    if (state.planner !== undefined) this.#planner?.load(state.planner);
  }

  #append(block: FeatureBlock, from: number, count: number): void {
    const overflow = this.#held + count - this.#speech.length;
    if (overflow > 0) {
      // A window reaches back at most windowFrames from a frame yet to come.
      const drop = Math.max(overflow, this.#held - this.#windowFrames);
      this.#features.copyWithin(0, drop * MEL_BINS, this.#held * MEL_BINS);
      this.#speech.copyWithin(0, drop, this.#held);
      this.#samples.copyWithin(0, drop * SHIFT_SAMPLES, samplesOf(this.#held));
      this.#held -= drop;
    }
    this.#features.set(
      block.features.subarray(from * MEL_BINS, (from + count) * MEL_BINS),
      this.#held * MEL_BINS,
    );
    this.#speech.set(block.speech.subarray(from, from + count), this.#held);
    // The first frame of a block begins inside the last one of the block before it.
    const { samples } = block;
    if (samples === undefined) this.#hasSamples = false;
    else
      this.#samples.set(
        samples.subarray(from * SHIFT_SAMPLES, samplesOf(from + count)),
        this.#held * SHIFT_SAMPLES,
      );
    this.#held += count;
    this.#seen += count;
  }

  /** The window of the last `frames` frames; its step is what no window has covered. */
  #window(frames: number, last: boolean): FeatureWindow {
    const speech = this.#speech.subarray(this.#held - frames, this.#held);
    const features = this.#features.subarray((this.#held - frames) * MEL_BINS, this.#held * MEL_BINS);
    const newFrames = this.#seen - this.#covered;
    const isWanted = this.#planner?.wants({ features, speech, newFrames }) ?? true;
    const endSample = this.#runStart + samplesOf(this.#seen);
    const step: WindowStep = {
      startSample: this.#runStart + this.#covered * SHIFT_SAMPLES,
      endSample: last ? endSample : this.#runStart + this.#seen * SHIFT_SAMPLES,
      speech: this.#speech.slice(this.#held - newFrames, this.#held),
    };
    this.#covered = this.#seen;
    return {
      startSample: this.#runStart + (this.#seen - frames) * SHIFT_SAMPLES,
      endSample,
      frames,
      features: subtractMean(features.slice()),
      ...(this.#hasSamples && {
        samples: this.#samples.slice((this.#held - frames) * SHIFT_SAMPLES, samplesOf(this.#held)),
      }),
      speechRatio: speech.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0) / frames,
      ...(isWanted ? {} : { isPassedOver: true }),
      step,
    };
  }
}
