/**
 * LinTO's speaker identification benchmark (linagora-labs/speaker-diarization-benchmark): each recording with five sets of enrolled
 * speakers, by the share of its speakers who are among them and the share of them who do not speak in it. The identification error
 * is that of pyannote.metrics, where the labels of unknown speakers are first mapped to those of the reference's speakers who are
 * not enrolled, so that the error is least.
 */
import { enroll, fromFile, type Profile } from 'whospeaks';
import { totalDiarization, turnsOfEvents, type DiarizationSeconds, type Turn } from 'whospeaks/evaluate';
import { DIARIZATION } from '../../src/clustering/settings.js';
import { voiceFoldersIn } from '../../src/cli/voice-folders.js';
import { codeFingerprint } from '../accuracy/embed.js';
import { table } from '../accuracy/table.js';
import { referencesIn } from '../diarization/recordings.js';
import { diarizeHeard, hearAll, HEARING_CODE, trueCount } from '../diarization/systems.js';
import { hearStream, identified } from './hearing.js';
import { namedError } from './identification.js';
import type { ProtocolInput } from './main.js';

/** Who is enrolled, of those who speak in a recording, in order of name, and of the others. */
const SETTINGS: readonly ((speaking: readonly string[], others: readonly string[]) => string[])[] = [
  (speaking) => [...speaking],
  (speaking, others) => [...speaking, ...others],
  (speaking) => half(speaking),
  (speaking, others) => [...half(speaking), ...others],
  (_, others) => [...others],
];
const KNOWN_PERCENT = [100, 100, 50, 50, 0];

function half(speaking: readonly string[]): string[] {
  return speaking.slice(0, Math.ceil(speaking.length / 2));
}

export async function linto({ folder, hearing, options }: ProtocolInput): Promise<string> {
  if (options.speakers === undefined)
    throw new Error('--speakers: the folder with a folder of recordings a speaker');
  const { model, cache } = hearing;
  const references = referencesIn(folder, options).filter((_, i) => i % options.every === 0);
  const profiles = new Map<string, Profile>();
  for (const { name, files } of voiceFoldersIn(options.speakers)) {
    process.stderr.write(`enrolling ${name}\n`);
    profiles.set(name, await enroll(model, { name, sources: files.map((path) => fromFile(path)) }));
  }
  const systems = new Map<string, DiarizationSeconds[][]>(
    ['listen', 'diarize', 'diarize, given number of speakers'].map((name) => [name, SETTINGS.map(() => [])]),
  );
  const enrolments = SETTINGS.map(() => ({ enrolled: 0, absent: 0 }));
  for (const reference of references) {
    process.stderr.write(`${reference.path}\n`);
    const speaking = [...new Set(reference.turns.map(({ speaker }) => speaker))].sort();
    const unheard = speaking.filter((name) => !profiles.has(name));
    if (unheard.length > 0)
      throw new Error(
        `${options.speakers} has no folder of ${unheard.join(', ')}, who speak in ${reference.id}`,
      );
    const others = [...profiles.keys()].filter((name) => !speaking.includes(name));
    const stream = await hearStream(reference.path, hearing);
    const heard = await hearAll([reference], model, DIARIZATION, cache, codeFingerprint(HEARING_CODE));
    const diarized = async (
      speakers: readonly Profile[],
      count?: typeof trueCount,
    ): Promise<readonly Turn[]> =>
      (
        await diarizeHeard([reference], heard, model, DIARIZATION, {
          profiles: speakers,
          ...(count === undefined ? {} : { count }),
        })
      )[0]!.turns;
    for (const [i, choose] of SETTINGS.entries()) {
      const names = choose(speaking, others);
      enrolments[i]!.enrolled += names.length;
      enrolments[i]!.absent += names.filter((name) => !speaking.includes(name)).length;
      const speakers = names.map((name) => profiles.get(name)!);
      const events = identified(stream, speakers, hearing);
      const answers = {
        listen: turnsOfEvents(events, { corrected: true, others: true, speech: true }),
        diarize: await diarized(speakers),
        'diarize, given number of speakers': await diarized(speakers, trueCount),
      };
      for (const [system, turns] of Object.entries(answers))
        systems.get(system)![i]!.push(namedError(reference.turns, turns, names));
    }
  }
  const head = enrolments.map(
    ({ enrolled, absent }, i) =>
      `${KNOWN_PERCENT[i]}% known, ${enrolled === 0 ? 0 : Math.round((100 * absent) / enrolled)}% absent`,
  );
  const rows = [...systems].map(([name, settings]) => [
    name,
    ...settings.map((errors) => (100 * totalDiarization(errors).rate).toFixed(2)),
  ]);
  return `${references.length} recordings, ${profiles.size} voices.\n\n${table(['engine', ...head], rows)}`;
}
