import { isUnknownLabel, SAMPLE_RATE_HZ, type FinalEvent } from 'whospeaks';
import type { Answer } from './score.js';

/** How overlap was told. */
export interface OverlapFigures {
  readonly speechSeconds: number;
  /** Two or more speak at once. */
  readonly overlapSeconds: number;
  /** Stretches of it of 0.3 s and more; and how many of them are told, in part at least. */
  readonly real: number;
  readonly found: number;
  /** Stretches told; and how many of them hold overlap, or are within 0.25 s of it. */
  readonly told: number;
  readonly true: number;
  /** Of the seconds told: the share that is overlap. */
  readonly trueShare: number;
  /** Of the true stretches: those whose second is named; and is one of those who speak. */
  readonly named: number;
  readonly namedRight: number;
}

const GRID_HZ = 100;
const LEAST_FRAMES = 0.3 * GRID_HZ;
const NEAR_FRAMES = 0.25 * GRID_HZ;

/** A stretch in frames of 10 ms. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Counted every 10 ms. A stranger is right as any `unknown`. */
export function overlapFigures(answers: readonly Answer[]): OverlapFigures {
  const sums = { speech: 0, overlap: 0, real: 0, found: 0, told: 0, true: 0, named: 0, namedRight: 0 };
  const frames = { told: 0, true: 0 };
  for (const { recording, events } of answers) {
    const enrolled = new Set(recording.enrolled.map(({ name }) => name));
    const speakers = speakersOf(recording);
    const isBoth = speakers.map(({ size }) => size > 1);
    sums.speech += speakers.filter(({ size }) => size > 0).length;
    sums.overlap += isBoth.filter(Boolean).length;
    const finals = events.filter((event): event is FinalEvent => event.type === 'final');
    const told = finals.flatMap(({ speaker, overlaps }) =>
      overlaps.map(({ startSample, endSample, other }) => ({
        from: frameOf(startSample),
        to: frameOf(endSample),
        speaker,
        other,
      })),
    );
    const real = runsOf(isBoth).filter(({ from, to }) => to - from >= LEAST_FRAMES);
    sums.real += real.length;
    sums.found += real.filter((stretch) => told.some((other) => gapOf(stretch, other) < 0)).length;
    for (const { from, to, speaker, other } of told) {
      sums.told++;
      frames.told += to - from;
      frames.true += isBoth.slice(from, to).filter(Boolean).length;
      const near = { from: Math.max(0, from - NEAR_FRAMES), to: to + NEAR_FRAMES };
      if (!isBoth.slice(near.from, near.to).some(Boolean)) continue;
      sums.true++;
      if (other === null) continue;
      sums.named++;
      const heard = new Set(
        speakers
          .slice(near.from, near.to)
          .filter(({ size }) => size > 1)
          .flatMap((names) => [...names]),
      );
      for (const name of heard) {
        if (isUnknownLabel(speaker) ? enrolled.has(name) : name !== speaker) continue;
        heard.delete(name);
        break;
      }
      if ([...heard].some((name) => (isUnknownLabel(other) ? !enrolled.has(name) : name === other)))
        sums.namedRight++;
    }
  }
  const { speech, overlap, ...counts } = sums;
  return {
    ...counts,
    speechSeconds: speech / GRID_HZ,
    overlapSeconds: overlap / GRID_HZ,
    trueShare: frames.true / frames.told,
  };
}

/** Who speaks in each frame. */
function speakersOf({ turns, seconds }: Answer['recording']): Set<string>[] {
  const frames = Array.from({ length: Math.ceil(seconds * GRID_HZ) + GRID_HZ }, () => new Set<string>());
  for (const { startSeconds, endSeconds, speaker } of turns) {
    for (let i = Math.round(startSeconds * GRID_HZ); i < Math.round(endSeconds * GRID_HZ); i++)
      frames[i]?.add(speaker);
  }
  return frames;
}

function runsOf(flags: readonly boolean[]): Stretch[] {
  const runs: { from: number; to: number }[] = [];
  flags.forEach((flag, i) => {
    if (!flag) return;
    const last = runs.at(-1);
    if (last?.to === i) last.to = i + 1;
    else runs.push({ from: i, to: i + 1 });
  });
  return runs;
}

/** Frames between two stretches; below 0 where they overlap. */
function gapOf(a: Stretch, b: Stretch): number {
  return Math.max(a.from - b.to, b.from - a.to);
}

function frameOf(sample: number): number {
  return Math.round((sample * GRID_HZ) / SAMPLE_RATE_HZ);
}
