import { LOCAL_SPEAKERS } from '../native/powerset.js';
import { SAMPLE_RATE_HZ, SEGMENTATION_FIELD_SAMPLES, SEGMENTATION_STEP_SAMPLES } from '../stream/geometry.js';
import type { Breather } from './breather.js';
import type { ClusteredVoices } from './cluster-voices.js';
import type { HeardRecording } from './recording-listener.js';
import type { DiarizationSettings } from './settings.js';

/** A speaker, by position, from one second to another. */
export interface SpeakerSegment {
  readonly speaker: number;
  readonly start: number;
  readonly end: number;
  readonly probability: number;
}

/** Frames between two looks at the clock. */
const BLOCK = 64;
/** Samples from the start of a recording to that of its first frame's share of time, which lies about the frame's centre. */
const FIRST_START = (SEGMENTATION_FIELD_SAMPLES - 1 - SEGMENTATION_STEP_SAMPLES) / 2;

/**
 * Windows' activities and whose they are, to who talks when. In each frame as many talk as the windows that hear it say on
 * average, and of the speakers those whom they hear most (overlap-add, Bredin 2023). Pauses are bridged and flickers
 * dropped as the settings say.
 */
export async function reconstruct(
  { windows, samples }: HeardRecording,
  { speakers, assignments }: ClusteredVoices,
  { maxGapSeconds, minSegmentSeconds }: DiarizationSettings,
  breather: Breather,
): Promise<SpeakerSegment[]> {
  const runs = new Runs(speakers.length, maxGapSeconds, minSegmentSeconds, samples);
  const activity = new Float64Array(speakers.length);
  const sure = new Float64Array(speakers.length);
  const talking: number[] = [];
  const frames = windows.reduce(
    (end, window) => Math.max(end, window.startFrame + window.activity.frames),
    0,
  );
  let first = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (frame % BLOCK === 0 && breather.isDue) await breather.breathe();
    while (first < windows.length && windows[first]!.startFrame + windows[first]!.activity.frames <= frame)
      first++;
    talking.length = 0;
    let count = 0;
    let total = 0;
    for (let w = first; w < windows.length && windows[w]!.startFrame <= frame; w++) {
      const { startFrame, activity: heard, voices } = windows[w]!;
      const at = frame - startFrame;
      const weight = Math.min(at + 1, heard.frames - at);
      total += weight;
      for (let local = 0; local < LOCAL_SPEAKERS; local++) {
        const probability = (weight * heard.probabilities[at * LOCAL_SPEAKERS + local]!) / 255;
        if (probability === 0) continue;
        count += probability;
        const voice = voices.findIndex(({ local: own, from, to }) => own === local && at >= from && at < to);
        if (voice < 0) continue;
        const { speaker, probability: share } = assignments[w]![voice]!;
        if (activity[speaker] === 0) talking.push(speaker);
        activity[speaker]! += probability;
        sure[speaker]! += probability * share;
      }
    }
    const speaking = total > 0 ? Math.round(count / total) : 0;
    talking.sort((a, b) => activity[b]! - activity[a]!);
    for (const [rank, speaker] of talking.entries()) {
      if (rank < speaking) runs.add(speaker, frame, sure[speaker]! / activity[speaker]!);
      activity[speaker] = sure[speaker] = 0;
    }
  }
  return runs.end();
}

interface Run {
  readonly first: number;
  last: number;
  probabilities: number;
  frames: number;
}

/** Frames in which a speaker talks, to segments. */
class Runs {
  readonly #open: (Run | undefined)[];
  readonly #segments: SpeakerSegment[] = [];
  readonly #maxGap: number;

  constructor(
    speakers: number,
    maxGapSeconds: number,
    private readonly minSegmentSeconds: number,
    private readonly samples: number,
  ) {
    this.#open = new Array<Run | undefined>(speakers);
    this.#maxGap = (maxGapSeconds * SAMPLE_RATE_HZ) / SEGMENTATION_STEP_SAMPLES;
  }

  add(speaker: number, frame: number, probability: number): void {
    const run = this.#open[speaker];
    if (run !== undefined && frame - run.last - 1 <= this.#maxGap) {
      run.last = frame;
      run.probabilities += probability;
      run.frames++;
      return;
    }
    this.#close(speaker);
    this.#open[speaker] = { first: frame, last: frame, probabilities: probability, frames: 1 };
  }

  end(): SpeakerSegment[] {
    for (const speaker of this.#open.keys()) this.#close(speaker);
    return this.#segments.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #close(speaker: number): void {
    const run = this.#open[speaker];
    if (run === undefined) return;
    const at = (frame: number): number =>
      Math.min(this.samples, FIRST_START + frame * SEGMENTATION_STEP_SAMPLES) / SAMPLE_RATE_HZ;
    const start = run.first === 0 ? 0 : at(run.first);
    const end = at(run.last + 1);
    if (end - start < this.minSegmentSeconds) return;
    this.#segments.push({ speaker, start, end, probability: run.probabilities / run.frames });
  }
}
