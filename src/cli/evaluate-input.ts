import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  readRttm,
  readUem,
  readUnscored,
  type DiarizationError,
  type RttmRegion,
  type RttmTurn,
  type ScoringOptions,
  type UemRegion,
} from '../evaluate/index.js';

/** Options of the commands that compare with a reference. */
export interface ScoringFlags {
  readonly uem?: string;
  readonly collar: number;
  readonly skipOverlap?: true;
}

/** Options of every evaluation. */
export interface OutputFlags {
  readonly json?: true;
  readonly svg?: string;
}

export function addScoringOptions(command: Command): Command {
  return command
    .option('--uem <file>', 'score only what this UEM file names')
    .option(
      '--collar <seconds>',
      'ignore this much on each side of every reference boundary',
      secondsArgument,
      0,
    )
    .option('--skip-overlap', 'leave out where several reference speakers talk at once');
}

export function addOutputOptions(command: Command, plot: string): Command {
  return command.option('--json', 'print JSON').option('--svg <file>', `write ${plot} as SVG`);
}

export function secondsArgument(value: string): number {
  const seconds = Number(value);
  if (value.trim() === '' || !(seconds >= 0 && Number.isFinite(seconds))) {
    throw new InvalidArgumentError('expected a number of seconds, 0 or more.');
  }
  return seconds;
}

export function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (cause) {
    if (cause instanceof TypeError) {
      throw new WhospeaksError('file-unreadable', `${path} is no UTF-8 text; convert it`, { cause });
    }
    const code = (cause as NodeJS.ErrnoException).code;
    throw code === 'ENOENT'
      ? new WhospeaksError('file-not-found', `no such file: ${path}`, { cause })
      : new WhospeaksError('file-unreadable', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** An RTTM file of the truth, by recording. */
export interface Reference {
  /** At least one. */
  readonly turns: ReadonlyMap<string, readonly RttmTurn[]>;
  readonly unscored: ReadonlyMap<string, readonly RttmRegion[]>;
}

export function readReference(path: string): Reference {
  const text = readText(path);
  const turns = readRttm(text, path);
  if (turns.length === 0) {
    throw new WhospeaksError('annotation-empty', `${path}: no SPEAKER lines; a reference needs at least one`);
  }
  return { turns: byRecording(turns), unscored: byRecording(readUnscored(text, path)) };
}

type Scored = Pick<DiarizationError, 'rate' | 'totalSeconds' | 'falseAlarmSeconds'>;

/** Whether there was anything to be right or wrong about. */
export function isScored({ totalSeconds, falseAlarmSeconds }: Scored): boolean {
  return totalSeconds > 0 || falseAlarmSeconds > 0;
}

/** NaN where nothing was scored, which is no success. */
export function rateOf(error: Scored): number {
  return isScored(error) ? error.rate : NaN;
}

export function byRecording<Item extends { readonly recording: string }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) found.set(item.recording, [...(found.get(item.recording) ?? []), item]);
  return found;
}

/** Scoring options of one recording; its UEM regions, where a UEM file is given, and what its reference does not score. */
export function scoringOf(
  { collar, skipOverlap }: ScoringFlags,
  uem: ReadonlyMap<string, readonly UemRegion[]> | null,
  { unscored }: Reference,
  recording: string,
): ScoringOptions {
  return {
    collarSeconds: collar,
    skipOverlap: skipOverlap ?? false,
    unscored: unscored.get(recording) ?? [],
    ...(uem === null ? {} : { scored: uem.get(recording) ?? [] }),
  };
}

/** A UEM that names none of them is most likely of something else. */
export function readScored(
  { uem }: ScoringFlags,
  { turns: wanted }: Pick<Reference, 'turns'>,
): Map<string, UemRegion[]> | null {
  if (uem === undefined) return null;
  const regions = byRecording(readUem(readText(uem), uem));
  if ([...regions.keys()].some((recording) => wanted.has(recording))) return regions;
  throw new WhospeaksError(
    'annotation-empty',
    `${uem}: names ${[...regions.keys()].slice(0, 5).join(', ') || 'nothing'}, and none of ` +
      `${[...wanted.keys()].slice(0, 5).join(', ')} that the reference has; give them the same name`,
  );
}

/** A hypothesis for other recordings is most likely named otherwise; it would count as all missed. */
export function assertKnown(
  hypothesis: ReadonlyMap<string, unknown>,
  reference: ReadonlyMap<string, unknown>,
  hypothesisPath: string,
  referencePath: string,
): void {
  for (const recording of hypothesis.keys()) {
    if (reference.has(recording)) continue;
    throw new WhospeaksError(
      'annotation-empty',
      `${hypothesisPath}: recording "${recording}" is not in ${referencePath}, which has ` +
        `${[...reference.keys()].slice(0, 5).join(', ')}; give both the same name`,
    );
  }
}
