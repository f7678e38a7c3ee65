import { isUnknownLabel, SAMPLE_RATE_HZ, type FinalEvent } from 'whospeaks';
import type { Answer } from './score.js';

/** How overlap was told; seconds. */
export interface OverlapFigures {
  readonly speech: number;
  /** Two or more speak at once. */
  readonly both: number;
  /** Overlap was told. */
  readonly told: number;
  /** Told, and so it is. */
  readonly toldBoth: number;
  /** Of those: the turn's speaker is one of them. */
  readonly speakerRight: number;
  /** Told, so it is, and the second is named. */
  readonly named: number;
  /** Of those: the second is another of them. */
  readonly namedRight: number;
}

const GRID_HZ = 100;

/** Counted every 10 ms. A stranger is right as any `unknown`. */
export function overlapFigures(answers: readonly Answer[]): OverlapFigures {
  const frames = { speech: 0, both: 0, told: 0, toldBoth: 0, speakerRight: 0, named: 0, namedRight: 0 };
  for (const { recording, events } of answers) {
    const enrolled = new Set(recording.enrolled.map(({ name }) => name));
    const speakers = Array.from(
      { length: Math.ceil(recording.seconds * GRID_HZ) + GRID_HZ },
      (): string[] => [],
    );
    for (const { startSeconds, endSeconds, speaker } of recording.turns) {
      for (let i = Math.round(startSeconds * GRID_HZ); i < Math.round(endSeconds * GRID_HZ); i++) {
        speakers[i]?.push(speaker);
      }
    }
    frames.speech += speakers.filter(({ length }) => length > 0).length;
    frames.both += speakers.filter(({ length }) => length > 1).length;
    const meets = (label: string, name: string): boolean =>
      isUnknownLabel(label) ? !enrolled.has(name) : label === name;
    for (const { speaker, overlaps } of events.filter((e): e is FinalEvent => e.type === 'final')) {
      for (const { startSample, endSample, other } of overlaps) {
        const [from, to] = [startSample, endSample].map((at) => Math.round((at * GRID_HZ) / SAMPLE_RATE_HZ));
        frames.told += to! - from!;
        for (const heard of speakers.slice(from, to)) {
          if (heard.length < 2) continue;
          frames.toldBoth++;
          const first = heard.findIndex((name) => meets(speaker, name));
          if (first >= 0) frames.speakerRight++;
          if (other === null) continue;
          frames.named++;
          if (heard.some((name, i) => i !== first && meets(other, name))) frames.namedRight++;
        }
      }
    }
  }
  const seconds = Object.entries(frames).map(([key, count]) => [key, count / GRID_HZ]);
  return Object.fromEntries(seconds) as unknown as OverlapFigures;
}
