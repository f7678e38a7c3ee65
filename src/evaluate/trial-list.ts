import { WhospeaksError } from '../errors.js';
import { annotationError, lines, type AnnotationLine } from './annotation-lines.js';
import type { Trials } from './detection.js';

/** Two recordings that are to be compared. */
export interface Trial {
  /** From 1, in the list. */
  readonly line: number;
  readonly target: boolean;
  readonly a: string;
  readonly b: string;
}

/** Pairs of recordings to compare, or scores of pairs that were compared already. */
export type TrialList =
  | { readonly kind: 'pairs'; readonly pairs: readonly Trial[] }
  | { readonly kind: 'scores'; readonly trials: Trials };

const LABELS = new Map([
  ['1', true],
  ['target', true],
  ['0', false],
  ['nontarget', false],
  ['impostor', false],
]);

/**
 * A trial list: lines `LABEL FILE FILE`, or `LABEL SCORE` where a system has scored them; the label is 1 or
 * `target`, 0, `nontarget` or `impostor`. `source` names the list in errors.
 * @throws WhospeaksError `annotation-format`, with the line number; `annotation-empty` where there are no
 * trials of either kind
 */
export function readTrials(text: string, source = 'trial list'): TrialList {
  const read = lines(text);
  const scored = read[0]?.fields.length === 2;
  if (scored) {
    const scores = read.map((line) => ({ target: labelOf(line, source), score: scoreOf(line, source) }));
    return { kind: 'scores', trials: trialsOf(scores, source) };
  }
  const pairs = read.map((line) => {
    const { number, fields } = line;
    const target = labelOf(line, source);
    if (fields.length !== 3) {
      throw annotationError(source, number, `expected a label and two files, found ${fields.length} fields`);
    }
    return { line: number, target, a: fields[1]!, b: fields[2]! };
  });
  assertBoth(pairs, source);
  return { kind: 'pairs', pairs };
}

/** Scores by class. Throws `annotation-empty` where one has none. */
export function trialsOf(
  scores: readonly { readonly target: boolean; readonly score: number }[],
  source = 'trial list',
): Trials {
  assertBoth(scores, source);
  const of = (wanted: boolean): number[] =>
    scores.filter(({ target }) => target === wanted).map(({ score }) => score);
  return { targets: of(true), impostors: of(false) };
}

function labelOf({ number, fields }: AnnotationLine, source: string): boolean {
  const label = LABELS.get(fields[0]!.toLowerCase());
  if (label === undefined) {
    throw annotationError(
      source,
      number,
      `label "${fields[0]!}" is none of ${[...LABELS.keys()].join(', ')}`,
    );
  }
  return label;
}

function scoreOf({ number, fields }: AnnotationLine, source: string): number {
  const score = Number(fields[1]);
  if (fields.length !== 2 || !Number.isFinite(score)) {
    throw annotationError(source, number, `expected a label and a score, found "${fields.join(' ')}"`);
  }
  return score;
}

function assertBoth(trials: readonly { readonly target: boolean }[], source: string): void {
  for (const [wanted, name] of [
    [true, 'target'],
    [false, 'impostor'],
  ] as const) {
    if (trials.some(({ target }) => target === wanted)) continue;
    throw new WhospeaksError(
      'annotation-empty',
      `${source}: no ${name} trials; an error rate needs pairs of one voice and pairs of two`,
    );
  }
}
