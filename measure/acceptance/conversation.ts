import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IdentifyEvent } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { identificationError, labelChanges, labelDelay, wavBytes, type Turn } from 'whospeaks/evaluate';
import { telephone } from '../../src/acoustics/telephone.js';
import { castFrom } from './cast.js';
import { percent, type AcceptPart } from './context.js';
import { listen } from './listen.js';
import { converse, type Conversation } from './speech.js';

const SECONDS = 300;
const SEEDS = [1, 2, 3];

/**
 * `listen --json` on conversations joined from utterances that were not used to enrol: among enrolled
 * speakers alone, and with strangers among them; each also through a telephone, after an enrolment without one.
 */
export const conversation: AcceptPart = async ({ audio, scratch }) => {
  const cast = castFrom(audio);
  const kinds = [
    { kind: 'enrolled only', utterances: cast.utterances },
    { kind: 'with strangers', utterances: [...cast.utterances, ...cast.strangers] },
  ];
  console.log(
    `${cast.names.length} speakers enrolled from 2 utterances each; conversations of ${SECONDS} s with pauses`,
  );
  console.log(
    '| conversation | seed | speech | identification error | wrong name | known refused (unknown) | stranger named | missed | ' +
      'false alarm | delay p50 | delay p90 | changes never right | label changes / true |\n|' +
      '---|'.repeat(13),
  );
  for (const { kind, utterances } of kinds) {
    for (const seed of SEEDS) {
      const talk = await converse(utterances, { seconds: SECONDS, seed });
      for (const [line, samples] of [
        ['', talk.samples],
        [', telephone', telephone(talk.samples)],
      ] as const) {
        const path = join(scratch, 'conversation.wav');
        writeFileSync(path, wavBytes(samples));
        const { events } = await listen([path, ...cast.enroll]).done;
        console.log(`| ${kind}${line} | ${seed} | ${row(talk, events, cast.names)} |`);
      }
    }
  }
  return undefined;
};

function row(talk: Conversation, events: readonly IdentifyEvent[], enrolled: readonly string[]): string {
  const told = turnsOf(events);
  const error = identificationError(talk.turns, told, { enrolled });
  const delay = labelDelay(talk.turns, events, enrolled);
  const changes = labelChanges(talk.turns, told, talk.samples.length / SAMPLE_RATE_HZ);
  const share = (seconds: number): string => percent(seconds / error.speechSeconds);
  return [
    `${error.speechSeconds.toFixed(0)} s`,
    percent(error.rate),
    share(error.wrongNameSeconds),
    share(error.knownRefusedSeconds),
    share(error.unknownAcceptedSeconds),
    share(error.missedSeconds),
    share(error.falseAlarmSeconds),
    `${delay.p50Seconds.toFixed(2)} s`,
    `${delay.p90Seconds.toFixed(2)} s`,
    `${delay.missed} of ${delay.changes}`,
    (changes.hypothesisPerHour / changes.referencePerHour).toFixed(2),
  ].join(' | ');
}

/** Finished turns of an event stream, in seconds. */
export function turnsOf(events: readonly IdentifyEvent[]): Turn[] {
  return events
    .filter((event) => event.type === 'final')
    .map(({ startSample, endSample, speaker }) => ({
      startSeconds: startSample / SAMPLE_RATE_HZ,
      endSeconds: endSample / SAMPLE_RATE_HZ,
      speaker,
    }));
}
