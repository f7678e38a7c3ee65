import { LOCAL_SPEAKERS, POWERSET } from '../native/powerset.js';
import { COLUMN_FRAMES } from '../native/masked-embedder.js';
import {
  FRAME_SAMPLES,
  SAMPLE_RATE_HZ,
  SEGMENTATION_FIELD_SAMPLES,
  SEGMENTATION_STEP_SAMPLES,
  SHIFT_SAMPLES,
} from '../stream/geometry.js';

/** Samples from the start of a window to the centre of its first frame. */
const FIRST_CENTRE = (SEGMENTATION_FIELD_SAMPLES - 1) / 2;
const FRAME_SECONDS = SEGMENTATION_STEP_SAMPLES / SAMPLE_RATE_HZ;
const NOBODY = POWERSET.findIndex((members) => members.length === 0);
/** Samples from one column of feature maps to the next, and from the start of the recording to the centre of the first. */
const COLUMN_SHIFT = COLUMN_FRAMES * SHIFT_SAMPLES;
const FIRST_COLUMN_CENTRE = FRAME_SAMPLES / 2;

/** What a segmentation network says of one window. */
export interface WindowActivity {
  readonly frames: number;
  /** Each frame's most likely class, a position in `POWERSET`. */
  readonly classes: Uint8Array;
  /** frames x 3: the probability that a local speaker talks, of 255. */
  readonly probabilities: Uint8Array;
}

/** @param logProbabilities frames x 7, of the classes in the order of `POWERSET` */
export function windowActivity(logProbabilities: Float32Array): WindowActivity {
  const frames = logProbabilities.length / POWERSET.length;
  const classes = new Uint8Array(frames);
  const probabilities = new Uint8Array(frames * LOCAL_SPEAKERS);
  const sums = new Float64Array(LOCAL_SPEAKERS);
  for (let frame = 0; frame < frames; frame++) {
    const at = frame * POWERSET.length;
    let best = 0;
    sums.fill(0);
    for (const [index, members] of POWERSET.entries()) {
      const value = logProbabilities[at + index]!;
      if (value > logProbabilities[at + best]!) best = index;
      for (const speaker of members) sums[speaker]! += Math.exp(value);
    }
    classes[frame] = best;
    for (let s = 0; s < LOCAL_SPEAKERS; s++) {
      probabilities[frame * LOCAL_SPEAKERS + s] = Math.round(255 * Math.min(1, sums[s]!));
    }
  }
  return { frames, classes, probabilities };
}

/** Sample of a window about which a frame lies. */
export function centreOf(frame: number): number {
  return FIRST_CENTRE + frame * SEGMENTATION_STEP_SAMPLES;
}

/**
 * As if nobody talked where voices are leaks: where most of the frames with a voice are, from `leakSeconds` before to as long after.
 * The flags come late where a leak begins, and what is left there is too short to be anybody's.
 *
 * @param isLeak whether the voice in a frame is a leak
 */
export function withoutLeaks(
  { frames, classes, probabilities }: WindowActivity,
  isLeak: (frame: number) => boolean,
  leakSeconds: number,
): WindowActivity {
  // Up to each frame: those with a voice, and those of them that are leaks.
  const [voiced, leaked] = [new Int32Array(frames + 1), new Int32Array(frames + 1)];
  for (let frame = 0; frame < frames; frame++) {
    const hasVoice = classes[frame] !== NOBODY;
    voiced[frame + 1] = voiced[frame]! + Number(hasVoice);
    leaked[frame + 1] = leaked[frame]! + Number(hasVoice && isLeak(frame));
  }
  const reach = Math.round(leakSeconds / FRAME_SECONDS);
  const isLeft = (frame: number): boolean => {
    const [from, to] = [Math.max(0, frame - reach), Math.min(frames, frame + reach + 1)];
    return 2 * (leaked[to]! - leaked[from]!) > voiced[to]! - voiced[from]!;
  };
  return {
    frames,
    classes: classes.map((index, frame) => (isLeft(frame) ? NOBODY : index)),
    probabilities: probabilities.map((probability, i) =>
      isLeft(Math.floor(i / LOCAL_SPEAKERS)) ? 0 : probability,
    ),
  };
}

/** A stretch of a window's local speaker, and the frames of it from which the speaker is embedded. */
export interface LocalMask {
  /** 0 to 2. */
  readonly local: number;
  /** Frames from, to (exclusive); the stretches of one local speaker lie end to end over the whole window. */
  readonly from: number;
  readonly to: number;
  /** One a frame: 0 or 1. */
  readonly mask: Uint8Array;
  /** Of speech under the mask. */
  readonly seconds: number;
}

export interface MaskSettings {
  readonly soloSeconds: number;
  readonly minSeconds: number;
  readonly splitGapSeconds: number;
  readonly partSeconds: number;
}

/**
 * Each local speaker's speech in stretches, cut at pauses: the network takes two people who never talk at once for one more
 * often than not. Of a stretch those frames count in which no other talks, where they are `soloSeconds` together; else all
 * its own. None of less than `minSeconds`.
 */
export function localMasks(activity: WindowActivity, settings: MaskSettings): LocalMask[] {
  const masks: LocalMask[] = [];
  for (let local = 0; local < LOCAL_SPEAKERS; local++) {
    for (const [from, to] of stretches(activity, local, settings)) {
      const maskOf = (most: number): LocalMask => {
        const inClass = POWERSET.map((members) => members.includes(local) && members.length <= most);
        const mask = activity.classes.map((index, frame) =>
          Number(frame >= from && frame < to && inClass[index]),
        );
        return { local, from, to, mask, seconds: mask.reduce((sum, x) => sum + x, 0) * FRAME_SECONDS };
      };
      const solo = maskOf(1);
      const mask = solo.seconds >= settings.soloSeconds ? solo : maskOf(2);
      if (mask.seconds >= settings.minSeconds) masks.push(mask);
    }
  }
  return masks;
}

/** Cuts in the middle of pauses of `splitGapSeconds`, so that every stretch has `partSeconds` of speech where there is as much. */
function stretches(
  { frames, classes }: WindowActivity,
  local: number,
  { splitGapSeconds, partSeconds }: MaskSettings,
): [from: number, to: number][] {
  const talks = POWERSET.map((members) => members.includes(local));
  const cuts: number[] = [];
  let spoken = 0;
  let last = -1;
  for (let frame = 0; frame < frames; frame++) {
    if (!talks[classes[frame]!]) continue;
    const pause = frame - last - 1;
    if (last >= 0 && pause * FRAME_SECONDS >= splitGapSeconds && spoken * FRAME_SECONDS >= partSeconds) {
      cuts.push(Math.floor((last + frame + 1) / 2));
      spoken = 0;
    }
    spoken++;
    last = frame;
  }
  if (last < 0) return [];
  // What is left over is too little to stand alone.
  if (spoken * FRAME_SECONDS < partSeconds) cuts.pop();
  const edges = [0, ...cuts, frames];
  return edges.slice(1).map((to, i) => [edges[i]!, to]);
}

/** Columns of feature maps whose centres lie between two samples of the recording: from, to (exclusive). */
export function columnsBetween(
  startSample: number,
  endSample: number,
): { readonly from: number; readonly to: number } {
  const at = (sample: number): number =>
    Math.max(0, Math.ceil((sample - FIRST_COLUMN_CENTRE) / COLUMN_SHIFT));
  return { from: at(startSample), to: at(endSample) };
}

/**
 * A mask of frames as weights of columns: of each column the mean of the frames whose centres lie within half a column of
 * its own.
 *
 * @param startSample of the window
 */
export function columnWeights(
  mask: Uint8Array,
  startSample: number,
  { from, to }: { readonly from: number; readonly to: number },
): Float32Array {
  const weights = new Float32Array(to - from);
  for (let column = from; column < to; column++) {
    const centre = FIRST_COLUMN_CENTRE + column * COLUMN_SHIFT - startSample - FIRST_CENTRE;
    const first = Math.max(0, Math.ceil((centre - COLUMN_SHIFT / 2) / SEGMENTATION_STEP_SAMPLES));
    const last = Math.min(
      mask.length - 1,
      Math.floor((centre + COLUMN_SHIFT / 2) / SEGMENTATION_STEP_SAMPLES),
    );
    let sum = 0;
    for (let frame = first; frame <= last; frame++) sum += mask[frame]!;
    if (last >= first) weights[column - from] = sum / (last - first + 1);
  }
  return weights;
}
