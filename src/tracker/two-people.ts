import { together, type Said } from './said.js';
import type { Scorer } from '../scoring/scorer.js';
import { dot } from '../vectors.js';
import type { Evidence } from '../scoring/voice.js';

/** The profile counts as a sure turn of this length. */
const PROFILE_SECONDS = 8;
/** Speech that both groups of turns need. */
const MIN_SECONDS = 8;
/** Two groups with a higher score are one speaker. Chosen with `npx tsx measure/accuracy/two-people.ts`. */
const ONE_PERSON_SCORE = 2.2;
/** Score by which the impostor's group must be farther from the profile. */
const PROFILE_GAP = 1.2;
/** Rounds of the division. */
const MAX_ROUNDS = 8;

/**
 * Of turns that were all given to one speaker: those of another, if two spoke. Each alone passed for the
 * speaker, and they support each other; but the speech of two voices lies in two places, and all of it
 * separates them where single turns do not. Considered are stable divisions into two: each turn is nearer to
 * the others of its side than to the other side (2-means on the sphere, started from every turn). The one
 * with the least similar sides is taken.
 * @param profile of an enrolled speaker, L2-normalised: the side farther from it is the other speaker's.
 * Without it, the side with less speech is.
 * @returns positions in `turns`, ascending; none if one speaker may have said it all.
 */
export function anotherPersons(
  turns: readonly Said[],
  scorer: Scorer,
  profile?: Float32Array,
): readonly number[] {
  const seconds = turns.reduce((sum, turn) => sum + turn.seconds, 0);
  if (seconds < 2 * MIN_SECONDS) return [];
  const anchor = profile === undefined ? [] : [{ direction: profile, seconds: PROFILE_SECONDS }];
  const evidence = (said: Said): Evidence => scorer.evidence(said.direction, said.seconds);
  const score = (a: Evidence, b: Evidence): number => scorer.standard(dot(a.direction, b.direction), a, b);
  const known = anchor.map(evidence);
  let others: number[] = [];
  let least = ONE_PERSON_SCORE;
  for (const division of divisions([...anchor, ...turns])) {
    const isAway = (i: number): boolean => division[anchor.length + i]!;
    const near = turns.filter((_, i) => !isAway(i));
    const [one, other] = [near, turns.filter((_, i) => isAway(i))].map(together) as [Said, Said];
    if (Math.min(one.seconds, other.seconds) < MIN_SECONDS) continue;
    const away = evidence(other);
    const alike = score(evidence(together([...anchor, ...near])), away);
    if (alike >= least) continue;
    if (known.some((own) => score(evidence(one), own) - score(away, own) < PROFILE_GAP)) continue;
    least = alike;
    const isTaken = anchor.length > 0 || other.seconds <= one.seconds;
    others = [...turns.keys()].filter((i) => isAway(i) === isTaken);
  }
  return others;
}

/** The stable divisions; true: on the side without the first, which stays where it is. */
function divisions(all: readonly Said[]): boolean[][] {
  const products = all.map((a) => all.map((b) => dot(a.direction, b.direction)));
  const weights = all.map(({ seconds }) => seconds);
  const found = new Map<string, boolean[]>();
  for (let seed = 1; seed < all.length; seed++) {
    let division = all.map((_, i) => i === seed);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = division.map(
        (_, i) =>
          i > 0 &&
          nearness(i, true, division, weights, products) > nearness(i, false, division, weights, products),
      );
      const isStable = next.every((side, i) => side === division[i]);
      division = next;
      if (isStable) break;
    }
    found.set(division.join(), division);
  }
  return [...found.values()];
}

/** Cosine of one with the others of a side together; one that is alone there stays. */
function nearness(
  one: number,
  side: boolean,
  division: readonly boolean[],
  weights: readonly number[],
  products: readonly (readonly number[])[],
): number {
  let along = 0;
  let square = 0;
  for (let a = 0; a < division.length; a++) {
    if (a === one || division[a] !== side) continue;
    along += weights[a]! * products[one]![a]!;
    for (let b = 0; b < division.length; b++) {
      if (b !== one && division[b] === side) square += weights[a]! * weights[b]! * products[a]![b]!;
    }
  }
  return square > 0 ? along / Math.sqrt(square) : Infinity;
}
