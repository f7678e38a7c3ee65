import { isUnknownLabel, type FinalEvent, type IdentifyEvent } from '../events/events.js';
import { slices, type Slice } from './timeline.js';
import { joinRegions, turnsWithin, type Region, type Turn } from './turns.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** How well the finals of one recording tell where two speak at once. */
export interface OverlapScore {
  /** Where two or more reference speakers speak at once; where it is told; where both. */
  readonly referenceSeconds: number;
  readonly toldSeconds: number;
  readonly rightSeconds: number;
  /** Stretches of it of 0.3 s and more; how many of them are told, in part at least. */
  readonly referenceStretches: number;
  readonly foundStretches: number;
  /** Stretches told; how many of them hold overlap, or are within 0.25 s of it. */
  readonly toldStretches: number;
  readonly trueStretches: number;
  /** Of the true ones: those whose second voice is named; and is one of those who speak there. */
  readonly namedStretches: number;
  readonly rightlyNamedStretches: number;
}

const LEAST_SECONDS = 0.3;
const NEAR_SECONDS = 0.25;
const EVERYWHERE: readonly Region[] = [{ startSeconds: 0, endSeconds: Infinity }];

interface Told extends Region {
  readonly speaker: string;
  readonly other: string | null;
}

/**
 * @param enrolled the names that the system knew; any other in the reference is right as any `unknown`.
 * @param scored only there; default everywhere.
 */
export function overlapScore(
  reference: readonly Turn[],
  events: readonly IdentifyEvent[],
  enrolled: Iterable<string>,
  scored: readonly Region[] = EVERYWHERE,
): OverlapScore {
  const known = new Set(enrolled);
  const together = slices(turnsWithin(reference, scored), []).filter((slice) => slice.reference.size > 1);
  const real = joinRegions(together);
  const long = real.filter(({ startSeconds, endSeconds }) => endSeconds - startSeconds >= LEAST_SECONDS);
  const finals = events.filter((event) => event.type === 'final');
  const told = turnsWithin(finals.flatMap(toldIn), scored);
  // Where two others are told at once, the time counts once.
  const toldRegions = joinRegions(told);
  const right = told.filter((stretch) => real.some((region) => shared(region, near(stretch)) > 0));
  const named = right.filter(({ other }) => other !== null);
  return {
    referenceSeconds: total(real.map(lengthOf)),
    toldSeconds: total(toldRegions.map(lengthOf)),
    rightSeconds: total(toldRegions.flatMap((told) => real.map((region) => shared(region, told)))),
    referenceStretches: long.length,
    foundStretches: long.filter((region) => told.some((stretch) => shared(region, stretch) > 0)).length,
    toldStretches: told.length,
    trueStretches: right.length,
    namedStretches: named.length,
    rightlyNamedStretches: named.filter((stretch) => isRightlyNamed(stretch, together, known)).length,
  };
}

function toldIn({ speaker, overlaps }: FinalEvent): Told[] {
  return overlaps.map(({ startSample, endSample, other }) => ({
    startSeconds: startSample / SAMPLE_RATE_HZ,
    endSeconds: endSample / SAMPLE_RATE_HZ,
    speaker,
    other,
  }));
}

/** Whether somebody speaks there whom `other` means, beside somebody whom `speaker` means, if anybody is that. */
function isRightlyNamed(stretch: Told, together: readonly Slice[], known: ReadonlySet<string>): boolean {
  const { speaker, other } = stretch;
  const there = together.filter((slice) => shared(slice, near(stretch)) > 0);
  const names = new Set(there.flatMap((slice) => [...slice.reference]));
  const means = (label: string, name: string): boolean =>
    isUnknownLabel(label) ? !known.has(name) : label === name;
  const first = [...names].find((name) => means(speaker, name));
  if (first !== undefined) names.delete(first);
  return [...names].some((name) => means(other!, name));
}

function near({ startSeconds, endSeconds }: Region): Region {
  return { startSeconds: startSeconds - NEAR_SECONDS, endSeconds: endSeconds + NEAR_SECONDS };
}

/** Seconds that two regions have in common. */
function shared(a: Region, b: Region): number {
  return Math.max(0, Math.min(a.endSeconds, b.endSeconds) - Math.max(a.startSeconds, b.startSeconds));
}

function lengthOf({ startSeconds, endSeconds }: Region): number {
  return endSeconds - startSeconds;
}

function total(seconds: readonly number[]): number {
  return seconds.reduce((sum, length) => sum + length, 0);
}
