import { SAMPLE_RATE_HZ, type EmbeddedWindow } from 'whospeaks/stages';
import { enrolling, type Recording } from './recordings.js';

/** Silence between conversations that follow each other, seconds. */
const BETWEEN_SECONDS = 3;
/** How many of those who speak are enrolled, where others spoke before. */
const AFTER_OTHERS = 2;

/** Only one of those who speak is enrolled: all others are strangers. */
export function oneEnrolled(recordings: readonly Recording[]): Recording[] {
  return recordings.map((recording) => firstEnrolled(recording, 1));
}

/** One is enrolled, and does not speak. */
export function oneAbsent(recordings: readonly Recording[]): Recording[] {
  return recordings.map((recording) => ({ ...recording, ...enrolling(recording.absent.slice(0, 1)) }));
}

/**
 * Two of those who speak are enrolled, and have been listened for through all the conversations in which neither takes
 * part, in one stream: those come first. Only the last conversation has turns to be scored.
 */
export function afterOthers(recordings: readonly Recording[]): Recording[] {
  return recordings.map((recording) => {
    const last = firstEnrolled(recording, AFTER_OTHERS);
    const names = new Set(last.enrolled.map(({ name }) => name));
    const before = recordings.filter(({ turns }) => !turns.some(({ speaker }) => names.has(speaker)));
    const windows: EmbeddedWindow[] = [];
    let samples = 0;
    for (const other of before) {
      windows.push(...other.windows.map((window) => later(window, samples)));
      samples += Math.ceil((other.seconds + BETWEEN_SECONDS) * SAMPLE_RATE_HZ);
    }
    const seconds = samples / SAMPLE_RATE_HZ;
    return {
      ...last,
      seconds: seconds + last.seconds,
      windows: [...windows, ...last.windows.map((window) => later(window, samples))],
      turns: last.turns.map((turn) => ({
        ...turn,
        startSeconds: turn.startSeconds + seconds,
        endSeconds: turn.endSeconds + seconds,
      })),
    };
  });
}

function firstEnrolled(recording: Recording, count: number): Recording {
  return {
    ...recording,
    enrolled: recording.enrolled.slice(0, count),
    plain: recording.plain.slice(0, count),
  };
}

function later(window: EmbeddedWindow, samples: number): EmbeddedWindow {
  const { startSample, endSample, step } = window;
  return {
    ...window,
    startSample: startSample + samples,
    endSample: endSample + samples,
    step: { ...step, startSample: step.startSample + samples, endSample: step.endSample + samples },
  };
}
