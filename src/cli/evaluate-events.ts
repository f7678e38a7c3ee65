import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
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
  timelineChart,
  turnsOfEvents,
  type LabelDelay,
  type RttmTurn,
} from '../evaluate/index.js';
import {
  addOutputOptions,
  addScoringOptions,
  readReference,
  readScored,
  readText,
  scoringOf,
  writeOutput,
  type OutputFlags,
  type ScoringFlags,
} from './evaluate-input.js';
import { aligned, orNull, percent, secondsText } from './evaluate-text.js';

interface Flags extends ScoringFlags, OutputFlags {
  readonly enrolled?: string;
  readonly recording?: string;
}

export function eventsCommand(): Command {
  const command = new Command('events')
    .description('Identification error, delays and label changes of the events of one recording.')
    .argument('<events>', 'JSON lines, as `listen --json` prints them')
    .argument('<reference>', 'RTTM file of the truth, with the names of the enrolled')
    .option('--enrolled <names>', 'who was enrolled, separated by commas (default: the names in the events)')
    .option('--recording <name>', 'which recording of the reference (default: its only one)');
  return addOutputOptions(addScoringOptions(command), 'the timeline').action(
    (eventsPath: string, referencePath: string, flags: Flags) => {
      const events = readEvents(readText(eventsPath), eventsPath);
      const { recording, turns } = choose(readReference(referencePath), flags.recording, referencePath);
      const named = events.filter((event) => event.type === 'tentative' || event.type === 'final');
      const enrolled = flags.enrolled
        ? flags.enrolled.split(',').map((name) => name.trim())
        : [...new Set(named.filter(({ known }) => known).map(({ speaker }) => speaker))].sort();
      const told = turnsOfEvents(events);
      const seconds = [...turns, ...told].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
      const options = scoringOf(flags, readScored(flags), recording);
      const result = {
        recording,
        enrolled,
        seconds,
        identification: identificationError(turns, told, { enrolled, ...options }),
        tentative: labelDelay(turns, events, enrolled),
        final: finalDelay(turns, events, enrolled),
        changes: labelChanges(turns, told, seconds),
        calibration: calibrationError(claimsOf(turns, told, enrolled)).rate,
        overlap: overlapScore(turns, events, enrolled),
        diarization: diarizationError(turns, turnsOfEvents(events, { speech: true }), options),
      };
      if (flags.svg !== undefined) {
        const rows = [
          { name: 'reference', turns },
          { name: 'final', turns: told },
        ];
        writeOutput(flags.svg, timelineChart(recording, rows, seconds), '--svg');
      }
      process.stdout.write(flags.json ? `${JSON.stringify(asJson(result))}\n` : asText(result));
    },
  );
}

function choose(
  reference: ReadonlyMap<string, RttmTurn[]>,
  wanted: string | undefined,
  path: string,
): { recording: string; turns: RttmTurn[] } {
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
    identification,
    tentativeDelay: delay(tentative),
    finalDelay: delay(final),
    labelChanges: changes,
    calibrationError: calibration,
    diarization: { ...diarization, mapping: Object.fromEntries(diarization.mapping) },
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
    ['identification error', percent(id.rate)],
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
    ['calibration error', result.calibration.toFixed(3)],
    [
      'two at once',
      `${overlap.referenceSeconds.toFixed(1)} s; told ${overlap.foundStretches} of ${overlap.referenceStretches} stretches of 0.3 s and more`,
    ],
    ['', `${overlap.trueStretches} of ${overlap.toldStretches} told are true, or within 0.25 s`],
    ['diarization error', percent(diarization.rate)],
  ]);
}
