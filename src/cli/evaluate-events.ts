import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  readEvents,
  rttmName,
  timelineChart,
  turnsOfEvents,
  type RttmTurn,
  type Turn,
} from '../evaluate/index.js';
import type { IdentifyEvent } from '../tracker/index.js';
import { assertDistinctInRttm } from '../transcript/rttm.js';
import { asInRttm, namesIn, scoreEvents, totalOf } from './evaluate-events-score.js';
import { scoreJson, scoreText, totalJson, totalText } from './evaluate-events-text.js';
import {
  addOutputOptions,
  addScoringOptions,
  assertKnown,
  readReference,
  readScored,
  readText,
  scoringOf,
  type OutputFlags,
  type ScoringFlags,
} from './evaluate-input.js';
import { assertWritable, writeOutput } from './output-file.js';

interface Flags extends ScoringFlags, OutputFlags {
  readonly enrolled?: string;
  readonly recording?: string;
  readonly corrected?: true;
}

export function eventsCommand(): Command {
  const command = new Command('events')
    .description(
      'Identification error, delays and label changes of events, per recording and overall. A ' +
        'collar and skipped overlap affect identification and diarization error.',
    )
    .argument('<events>', 'JSON lines of `listen --json`, or a folder of RECORDING.jsonl files')
    .argument('<reference>', 'reference RTTM with the enrolled names; its NOSCORE regions are not scored')
    .option('--enrolled <names>', 'enrolled names, separated by commas (default: the names in the events)')
    .option('--recording <name>', 'recording of the reference (default: its only one; of a folder, all)')
    .option('--corrected', 'score corrected labels (default: those of the finals)');
  return addOutputOptions(addScoringOptions(command), 'the timeline of the first recording').action(
    async (eventsPath: string, referencePath: string, flags: Flags) => {
      if (flags.svg !== undefined) assertWritable(flags.svg, '--svg');
      const isFolder = statSync(eventsPath, { throwIfNoEntry: false })?.isDirectory() ?? false;
      const single = isFolder ? null : readAs(eventsPath);
      const reference = readReference(referencePath);
      const turns = choose(reference.turns, flags.recording, isFolder, referencePath);
      const [first] = [...turns.keys()];
      const events = single === null ? inFolder(eventsPath) : new Map([[first!, single]]);
      assertKnown(events, reference.turns, eventsPath, referencePath);
      const uem = readScored(flags, { turns });
      const corrected = flags.corrected ?? false;
      const enrolled =
        flags.enrolled === undefined ? namesIn([...events.values()].flat()) : namesOf(flags.enrolled);
      const scores = [...turns].map(([recording, truth]) => {
        const scoring = scoringOf(flags, uem, reference, recording);
        // What nobody answered is missed.
        return scoreEvents(truth, events.get(recording) ?? [], { recording, enrolled, corrected, scoring });
      });
      if (flags.svg !== undefined) {
        const told = turnsOfEvents(events.get(first!) ?? [], { corrected });
        await writeOutput(flags.svg, timeline(first!, turns.get(first!)!, told, corrected), '--svg');
      }
      if (isFolder) {
        const total = totalOf(scores);
        process.stdout.write(
          flags.json ? `${JSON.stringify(totalJson(total, scores, corrected))}\n` : totalText(total, scores),
        );
      } else {
        const score = scores[0]!;
        process.stdout.write(
          flags.json ? `${JSON.stringify(scoreJson(score, corrected))}\n` : scoreText(score),
        );
      }
    },
  );
}

/** @throws {WhospeaksError} `invalid-option` where two names are one in RTTM */
function readAs(path: string): IdentifyEvent[] {
  const events = readEvents(readText(path), path);
  assertDistinctInRttm(namesIn(events), path);
  return events.map(asInRttm);
}

/** The events of each recording that a file is named for. */
function inFolder(folder: string): Map<string, IdentifyEvent[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  if (files.length === 0) {
    throw new WhospeaksError(
      'annotation-empty',
      `${folder}: no .jsonl files; write the events of each recording to RECORDING.jsonl`,
    );
  }
  const byRecording = new Map<string, IdentifyEvent[]>();
  for (const name of files.sort()) {
    const recording = rttmName(basename(name, '.jsonl'));
    if (byRecording.has(recording)) {
      throw new WhospeaksError(
        'invalid-option',
        `${folder}: two files are of the recording "${recording}", ${name} is one; RTTM has no blanks, rename one`,
      );
    }
    byRecording.set(recording, readAs(join(folder, name)));
  }
  return byRecording;
}

function timeline(
  recording: string,
  truth: readonly Turn[],
  told: readonly Turn[],
  corrected: boolean,
): string {
  const end = [...truth, ...told].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
  const rows = [
    { name: 'reference', turns: truth },
    { name: corrected ? 'corrected' : 'final', turns: told },
  ];
  return timelineChart(recording, rows, end);
}

function namesOf(list: string): string[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  assertDistinctInRttm(names, '--enrolled');
  return names.map(rttmName);
}

/** The recordings that are to be scored. */
function choose(
  reference: ReadonlyMap<string, readonly RttmTurn[]>,
  wanted: string | undefined,
  isFolder: boolean,
  path: string,
): ReadonlyMap<string, readonly RttmTurn[]> {
  const names = [...reference.keys()];
  if (wanted === undefined) {
    if (isFolder || names.length === 1) return reference;
    throw new WhospeaksError(
      'invalid-option',
      `${path} has ${names.length} recordings (${names.slice(0, 5).join(', ')}); choose one with --recording, ` +
        'or give a folder with the events of each',
    );
  }
  const turns = reference.get(wanted);
  if (turns === undefined) {
    throw new WhospeaksError(
      'annotation-empty',
      `${path}: no recording "${wanted}", but ${names.join(', ')}`,
    );
  }
  return new Map([[wanted, turns]]);
}
