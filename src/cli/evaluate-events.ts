import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import type { IdentifyEvent } from '../tracker/index.js';
import {
  calibrationError,
  claimsOf,
  diarizationError,
  finalDelay,
  identificationError,
  labelChanges,
  labelDelay,
  overlapScore,
  readEvents,
  rttmName,
  subtractRegions,
  timelineChart,
  turnsOfEvents,
  turnsWithin,
  type LabelDelay,
  type RttmTurn,
} from '../evaluate/index.js';
import {
  addOutputOptions,
  addScoringOptions,
  readReference,
  rateOf,
  readScored,
  readText,
  scoringOf,
  type OutputFlags,
  type ScoringFlags,
} from './evaluate-input.js';
import { assertWritable, writeOutput } from './evaluate-output.js';
import { aligned, orNull, percent, secondsText } from './evaluate-text.js';

interface Flags extends ScoringFlags, OutputFlags {
  readonly enrolled?: string;
  readonly recording?: string;
  readonly corrected?: true;
}

export function eventsCommand(): Command {
  const command = new Command('events')
    .description(
      'Identification error, delays and label changes of the events of one recording. A collar and skipped overlap ' +
        'concern the identification and the diarization error.',
    )
    .argument('<events>', 'JSON lines, as `listen --json` prints them')
    .argument(
      '<reference>',
      'RTTM file of the truth, with the names of the enrolled; what its NOSCORE lines name is not scored',
    )
    .option('--enrolled <names>', 'who was enrolled, separated by commas (default: the names in the events)')
    .option('--recording <name>', 'which recording of the reference (default: its only one)')
    .option('--corrected', 'score the labels that later corrections leave (default: those of the finals)');
  return addOutputOptions(addScoringOptions(command), 'the timeline').action(
    (eventsPath: string, referencePath: string, flags: Flags) => {
      if (flags.svg !== undefined) assertWritable(flags.svg, '--svg');
      const events = readEvents(readText(eventsPath), eventsPath).map(asInRttm);
      const reference = readReference(referencePath);
      const { recording, turns: whole } = choose(reference.turns, flags.recording, referencePath);
      const uem = readScored(flags, { turns: new Map([[recording, whole]]) });
      const corrected = flags.corrected ?? false;
      const all = turnsOfEvents(events, { corrected });
      const end = [...whole, ...all].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
      const options = scoringOf(flags, uem, reference, recording);
      const scored = subtractRegions(
        options.scored ?? [{ startSeconds: 0, endSeconds: end }],
        options.unscored ?? [],
      );
      const seconds = scored.reduce((sum, region) => sum + region.endSeconds - region.startSeconds, 0);
      const [turns, told] = [turnsWithin(whole, scored), turnsWithin(all, scored)];
      const enrolled = flags.enrolled === undefined ? namesIn(events) : namesOf(flags.enrolled);
      const claims = claimsOf(turns, told, enrolled);
      const result = {
        recording,
        enrolled,
        strangers: [...new Set(turns.map(({ speaker }) => speaker))].filter(
          (name) => !enrolled.includes(name),
        ),
        corrected,
        seconds,
        identification: identificationError(whole, all, { enrolled, ...options }),
        tentative: labelDelay(turns, events, enrolled),
        final: finalDelay(turns, events, enrolled),
        changes: labelChanges(turns, told, seconds),
        calibration: claims.length === 0 ? NaN : calibrationError(claims).rate,
        overlap: overlapScore(turns, events, enrolled, scored),
        diarization: diarizationError(whole, turnsOfEvents(events, { corrected, speech: true }), options),
      };
      if (flags.svg !== undefined) {
        const rows = [
          { name: 'reference', turns: whole },
          { name: corrected ? 'corrected' : 'final', turns: all },
        ];
        writeOutput(flags.svg, timelineChart(recording, rows, end), '--svg');
      }
      process.stdout.write(flags.json ? `${JSON.stringify(asJson(result))}\n` : asText(result));
    },
  );
}

/** RTTM holds no blanks: names are compared as a reference can have them. */
function asInRttm(event: IdentifyEvent): IdentifyEvent {
  switch (event.type) {
    case 'tentative':
      return { ...event, speaker: rttmName(event.speaker) };
    case 'correction':
      return { ...event, speaker: rttmName(event.speaker), was: rttmName(event.was) };
    case 'final': {
      const named = (other: string | null): string | null => (other === null ? null : rttmName(other));
      const overlaps = event.overlaps.map((stretch) => ({ ...stretch, other: named(stretch.other) }));
      return { ...event, speaker: rttmName(event.speaker), overlaps };
    }
    default:
      return event;
  }
}

/** Who was named: enrolled is at least who was. */
function namesIn(events: readonly IdentifyEvent[]): string[] {
  const told = events.filter((event) => event.type === 'tentative' || event.type === 'final');
  return [...new Set(told.filter(({ known }) => known).map(({ speaker }) => speaker))].sort();
}

function namesOf(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map(rttmName);
}

function choose(
  reference: ReadonlyMap<string, readonly RttmTurn[]>,
  wanted: string | undefined,
  path: string,
): { recording: string; turns: readonly RttmTurn[] } {
  const names = [...reference.keys()];
  if (wanted === undefined && names.length > 1) {
    throw new WhospeaksError(
      'invalid-option',
      `${path} has ${names.length} recordings (${names.slice(0, 5).join(', ')}); choose one with --recording`,
    );
  }
  const recording = wanted ?? names[0]!;
  const turns = reference.get(recording);
  if (turns === undefined) {
    throw new WhospeaksError(
      'annotation-empty',
      `${path}: no recording "${recording}", but ${names.join(', ')}`,
    );
  }
  return { recording, turns };
}

interface Result {
  readonly recording: string;
  readonly enrolled: readonly string[];
  /** Who else is in the reference: right as any `unknown`. */
  readonly strangers: readonly string[];
  readonly corrected: boolean;
  /** What is scored. */
  readonly seconds: number;
  readonly identification: ReturnType<typeof identificationError>;
  readonly tentative: LabelDelay;
  readonly final: LabelDelay;
  readonly changes: ReturnType<typeof labelChanges>;
  readonly calibration: number;
  readonly overlap: ReturnType<typeof overlapScore>;
  readonly diarization: ReturnType<typeof diarizationError>;
}

function asJson({ identification, tentative, final, changes, calibration, diarization, ...rest }: Result) {
  const delay = ({ changes: count, missed, delaysSeconds, p50Seconds, p90Seconds }: LabelDelay) => ({
    changes: count,
    missed,
    p50Seconds: orNull(p50Seconds),
    p90Seconds: orNull(p90Seconds),
    delaysSeconds,
  });
  return {
    ...rest,
    identification: {
      ...identification,
      rate: identification.speechSeconds > 0 ? identification.rate : null,
    },
    tentativeDelay: delay(tentative),
    finalDelay: delay(final),
    labelChanges: changes,
    calibrationError: orNull(calibration),
    diarization: {
      ...diarization,
      rate: orNull(rateOf(diarization)),
      mapping: Object.fromEntries(diarization.mapping),
    },
  };
}

function asText(result: Result): string {
  const { identification: id, tentative, final, changes, overlap, diarization } = result;
  const share = (seconds: number): string => percent(seconds / id.speechSeconds);
  const delay = (d: LabelDelay): string =>
    `${secondsText(d.p50Seconds)} (p90 ${secondsText(d.p90Seconds)}), never for ${d.missed} of ${d.changes} changes`;
  return aligned([
    ['recording', `${result.recording}, ${id.speechSeconds.toFixed(1)} s of speech`],
    ['enrolled', result.enrolled.join(', ') || 'nobody'],
    ['strangers', result.strangers.join(', ') || 'nobody'],
    ['identification error', share(id.speechSeconds - id.rightNameSeconds - id.rightUnknownSeconds)],
    ['  wrong name', share(id.wrongNameSeconds)],
    ['  known called unknown', share(id.knownRefusedSeconds)],
    ['  stranger named', share(id.unknownAcceptedSeconds)],
    ['  speech missed', share(id.missedSeconds)],
    ['labels where nobody talks', `${id.falseAlarmSeconds.toFixed(1)} s`],
    ['delay to the right name', `tentative ${delay(tentative)}`],
    ['', `final ${delay(final)}`],
    [
      'label changes an hour',
      `${changes.hypothesisPerHour.toFixed(0)}, truly ${changes.referencePerHour.toFixed(0)}`,
    ],
    ['calibration error', Number.isFinite(result.calibration) ? result.calibration.toFixed(3) : '-'],
    [
      'two at once',
      `${overlap.referenceSeconds.toFixed(1)} s; told ${overlap.foundStretches} of ${overlap.referenceStretches} stretches of 0.3 s and more`,
    ],
    ['', `${overlap.trueStretches} of ${overlap.toldStretches} told are true, or within 0.25 s`],
    ['diarization error', percent(rateOf(diarization))],
  ]);
}
