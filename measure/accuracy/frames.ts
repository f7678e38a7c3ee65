import { isUnknownLabel, type IdentifyEvent } from 'whospeaks';
import { turnsOfEvents, type Turn } from 'whospeaks/evaluate';
import { assignLargest } from '../../src/evaluate/assignment.js';
import type { Recording } from './recordings.js';
import type { Answer } from './score.js';

const FRAMES_PER_SECOND = 100;

/** Who speaks in each 10 ms: what a search over many parameters is scored by. */
interface Truth {
  readonly speakers: readonly (readonly string[])[];
  readonly speechFrames: number;
}

const truths = new WeakMap<Recording, Truth>();

function truthOf(recording: Recording): Truth {
  const found = truths.get(recording);
  if (found) return found;
  const speakers = Array.from(
    { length: Math.ceil(recording.seconds * FRAMES_PER_SECOND) },
    (): string[] => [],
  );
  for (const turn of recording.turns)
    eachFrame(turn, speakers.length, (i) => speakers[i]!.push(turn.speaker));
  const truth = { speakers, speechFrames: speakers.filter((list) => list.length > 0).length };
  truths.set(recording, truth);
  return truth;
}

function eachFrame({ startSeconds, endSeconds }: Turn, count: number, visit: (i: number) => void): void {
  const end = Math.min(count, Math.round(endSeconds * FRAMES_PER_SECOND));
  for (let i = Math.round(startSeconds * FRAMES_PER_SECOND); i < end; i++) visit(i);
}

/** Identification error to 10 ms: `identificationError`, but quick. */
export function quickErrorRate(answers: readonly Answer[]): number {
  let speech = 0;
  let right = 0;
  for (const { recording, events } of answers) {
    const { speakers, speechFrames } = truthOf(recording);
    const known = new Set(recording.enrolled.map(({ name }) => name));
    speech += speechFrames;
    for (const turn of turnsOfEvents(events)) {
      const unknown = isUnknownLabel(turn.speaker);
      eachFrame(turn, speakers.length, (i) => {
        const here = speakers[i]!;
        if (unknown ? here.some((name) => !known.has(name)) : here.includes(turn.speaker)) right++;
      });
    }
  }
  return 1 - right / speech;
}

/** Diarization error to 10 ms, of answers whose turns do not overlap: `diarizationError`, but quick. */
export function quickDiarizationRate(answers: readonly Answer[]): number {
  let total = 0;
  let wrong = 0;
  for (const { recording, events } of answers) {
    const { speakers } = truthOf(recording);
    const names = [...new Set(recording.turns.map(({ speaker }) => speaker))];
    const told = labelsOf(events, speakers.length);
    const labels = [...new Set(told.filter((label) => label !== null))];
    const common = labels.map(() => new Array<number>(names.length).fill(0));
    let heard = 0;
    speakers.forEach((here, i) => {
      total += here.length;
      const label = told[i] ?? null;
      wrong += label === null ? here.length : Math.max(1, here.length);
      if (label !== null) for (const name of here) common[labels.indexOf(label)]![names.indexOf(name)]!++;
    });
    assignLargest(common).forEach((column, row) => (heard += column < 0 ? 0 : common[row]![column]!));
    wrong -= heard;
  }
  return wrong / total;
}

function labelsOf(events: readonly IdentifyEvent[], count: number): (string | null)[] {
  const labels = new Array<string | null>(count).fill(null);
  for (const turn of turnsOfEvents(events, { speech: true })) {
    eachFrame(turn, count, (i) => (labels[i] = turn.speaker));
  }
  return labels;
}
