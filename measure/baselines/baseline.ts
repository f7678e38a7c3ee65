import { heardSpeech } from '../../src/turns/heard-speech.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import type { IdentifyEvent, Profile } from 'whospeaks';
import type { EmbeddedWindow } from 'whospeaks/stages';

/** What a baseline makes of windows: one label for each, in order. `null`: no label at all. */
export interface Labeller {
  /** A window with an embedding; `speechSeconds` of it are speech. */
  label(embedding: Float32Array, speechRatio: number, speechSeconds: number): string | null;
}

export interface Baseline<Parameters> {
  readonly name: string;
  readonly source: string;
  /** Every combination of the method's own parameters that is tried on the tuning half. */
  readonly grid: readonly Parameters[];
  create(speakers: readonly Profile[], parameters: Parameters): Labeller;
}

/** Every baseline is given the choice to label the newest step of a window, or one further back. */
export const LAG_STEPS = [0, 1, 2] as const;

const SHIFT_SAMPLES = 160;
/** As in the tracker, so that the comparison is of labels and not of speech gates. */
const MIN_SILENCE_SAMPLES = 0.8 * 16_000;
const MIN_SPEECH_SAMPLES = 0.25 * 16_000;

interface Stretch {
  readonly startSample: number;
  readonly endSample: number;
}

/**
 * The events of a baseline over embedded windows. Where there is speech, and where in a turn it is heard, comes from
 * the same flags, and over the same pauses, as for the tracker; `labeller` only says whose it is. The label of window k
 * goes to the step of window k - lagSteps; steps without a label take the one before, the first ones the one after.
 */
export function baselineEvents(
  windows: readonly EmbeddedWindow[],
  labeller: Labeller,
  lagSteps: number,
): IdentifyEvent[] {
  const labels = windows.map(({ embedding, speechRatio, startSample, endSample }) =>
    embedding === null
      ? null
      : labeller.label(embedding, speechRatio, (speechRatio * (endSample - startSample)) / 16_000),
  );
  const track = trackOf(windows);
  const events: IdentifyEvent[] = [];
  let turn = 0;
  let at = 0;
  for (const stretch of stretches(windows)) {
    const steps: { step: EmbeddedWindow['step']; i: number }[] = [];
    while (at < windows.length && windows[at]!.step.endSample <= stretch.startSample) at++;
    for (let i = at; i < windows.length && windows[i]!.step.startSample < stretch.endSample; i++) {
      steps.push({ step: windows[i]!.step, i });
    }
    // The windows whose labels lie in this stretch, one for each step of it.
    const told = steps.map(({ i }) => {
      const late = Math.min(i + lagSteps, windows.length - 1);
      return { label: labels[late] ?? null, atSample: windows[late]!.step.endSample };
    });
    const first = told.find(({ label }) => label !== null);
    if (first === undefined) continue;
    let current = first;
    const turns: { label: string; startSample: number; endSample: number; atSample: number }[] = [];
    steps.forEach(({ step }, k) => {
      if (told[k]!.label !== null) current = told[k]!;
      const startSample = Math.max(step.startSample, stretch.startSample);
      const endSample = Math.min(step.endSample, stretch.endSample);
      const last = turns.at(-1);
      const atSample = Math.max(current.atSample, told[k]!.atSample);
      if (last?.label === current.label) Object.assign(last, { endSample, atSample });
      else turns.push({ label: current.label!, startSample, endSample, atSample });
      // The label is known when its window is, whatever step it is put on.
      if (last?.label !== current.label)
        events.push({ type: 'tentative', revision: 0, ...fields(turn + turns.length - 1, turns.at(-1)!) });
    });
    for (const told of turns) {
      const speech = heardSpeech((sample) => track.isHeard(sample), told);
      events.push({ type: 'final', revision: 1, ...fields(turn++, told), speech });
    }
    const { endSample } = stretch;
    events.push({ type: 'silence', startSample: endSample, atSample: endSample + MIN_SILENCE_SAMPLES });
  }
  return events;
}

interface ToldTurn extends Stretch {
  readonly label: string;
  readonly atSample: number;
}

function fields(turn: number, { label, startSample, endSample, atSample }: ToldTurn) {
  return {
    turn,
    startSample,
    endSample,
    atSample,
    speaker: label,
    known: !label.startsWith('unknown'),
    score: 0,
    probability: 1,
    overlap: false,
    others: [],
    overlaps: [],
  };
}

/** The flags of all windows. */
function trackOf(windows: readonly EmbeddedWindow[]): SpeechTrack {
  const frames = windows.reduce((sum, { step }) => sum + step.speech.length, 0);
  const track = new SpeechTrack(frames + 1);
  for (const { step } of windows) track.append(step);
  return track;
}

function stretches(windows: readonly EmbeddedWindow[]): Stretch[] {
  const found: { startSample: number; endSample: number; speechSamples: number }[] = [];
  for (const { step } of windows) {
    step.speech.forEach((flag, i) => {
      if (flag === 0) return;
      const startSample = step.startSample + i * SHIFT_SAMPLES;
      const endSample = startSample + SHIFT_SAMPLES;
      const last = found.at(-1);
      if (last && startSample - last.endSample < MIN_SILENCE_SAMPLES) {
        last.endSample = endSample;
        last.speechSamples += SHIFT_SAMPLES;
      } else found.push({ startSample, endSample, speechSamples: SHIFT_SAMPLES });
    });
  }
  return found.filter(({ speechSamples }) => speechSamples >= MIN_SPEECH_SAMPLES);
}

/** The cosine of two unit vectors. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `low`, `low + step`, … up to `high`. */
export function steps(low: number, high: number, step: number): number[] {
  const count = Math.round((high - low) / step) + 1;
  return Array.from({ length: count }, (_, i) => Number((low + i * step).toFixed(6)));
}
