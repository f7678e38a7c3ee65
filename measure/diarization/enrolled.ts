/**
 * With enrolled speakers: the identification error of `diarize` beside that of `listen`, on the thirty conversations that
 * nobody tuned on:
 *
 *   tsx measure/diarization/enrolled.ts CONVERSATIONS [--audio ../shared/audio] [--cache DIR] [--docs PAGE]
 *
 * CONVERSATIONS is what `make.ts readers CONVERSATIONS` wrote. Who is enrolled in which, and from what, is as in
 * `npm run accuracy`.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { enroll, fromFile, identify, SpeakerModel, type Profile } from 'whospeaks';
import { identificationError, turnsOfEvents, type IdentificationError, type Turn } from 'whospeaks/evaluate';
import { DIARIZATION } from '../../src/clustering/settings.js';
import { voicesOf, type Voice } from '../accuracy/cast.js';
import { conversations } from '../accuracy/conversations.js';
import { Cache, codeFingerprint } from '../accuracy/embed.js';
import { castOf } from '../accuracy/recordings.js';
import { SCORE_HEAD, percent, table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { referencesIn } from './recordings.js';
import { diarizeHeard, hearAll, HEARING_CODE } from './systems.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    docs: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: enrolled.ts CONVERSATIONS');

const model = await SpeakerModel.fromPretrained();
const voices = voicesOf(values.audio, 'report');
const enrolments = new Map<string, Promise<Profile>>();
const enrolled = ({ name, enrolment }: Voice): Promise<Profile> => {
  if (!enrolments.has(name))
    enrolments.set(name, enroll(model, { name, sources: enrolment.map((path) => fromFile(path)) }));
  return enrolments.get(name)!;
};

const references = new Map(referencesIn(folder).map((reference) => [reference.id, reference]));
const cache = new Cache(values.cache);
const code = codeFingerprint(HEARING_CODE);
const diarized: IdentificationError[] = [];
const listened: IdentificationError[] = [];
for (const spec of conversations('report')) {
  const reference = references.get(spec.id);
  if (reference === undefined) throw new Error(`${folder} has no ${spec.id}; write it with make.ts`);
  const profiles = await Promise.all(castOf(spec, voices).enrolled.map(enrolled));
  const names = { enrolled: profiles.map(({ name }) => name) };
  const heard = await hearAll([reference], model, DIARIZATION, cache, code);
  const [answer] = await diarizeHeard([reference], heard, model, DIARIZATION, { profiles });
  diarized.push(identificationError(reference.turns, answer!.turns, names));
  const source = fromFile(reference.path);
  const events = await lastValueFrom(identify(source, { model, speakers: profiles }).pipe(toArray()));
  const turns: Turn[] = turnsOfEvents(events, { corrected: true, others: true, speech: true });
  listened.push(identificationError(reference.turns, turns, names));
  console.error(
    `${spec.id}: diarize ${percent(diarized.at(-1)!.rate)}, listen ${percent(listened.at(-1)!.rate)}`,
  );
}
model.close();

const text = table(SCORE_HEAD.slice(0, 7), [
  ['diarize', ...cells(diarized)],
  ['listen', ...cells(listened)],
]);
console.log(
  `${text}\n\ndiarize has ${(errorOf(diarized) / errorOf(listened)).toFixed(2)} of the error of listen`,
);
if (values.docs !== undefined) writeFigures(values.docs, 'enrolled', text);

function total(
  errors: readonly IdentificationError[],
  key: Exclude<keyof IdentificationError, 'rate'>,
): number {
  return errors.reduce((sum, error) => sum + error[key], 0);
}

/** Over all seconds of speech together. */
function errorOf(errors: readonly IdentificationError[]): number {
  const right = total(errors, 'rightNameSeconds') + total(errors, 'rightUnknownSeconds');
  return 1 - right / total(errors, 'speechSeconds');
}

function cells(errors: readonly IdentificationError[]): string[] {
  const keys = [
    'wrongNameSeconds',
    'knownRefusedSeconds',
    'unknownAcceptedSeconds',
    'missedSeconds',
    'falseAlarmSeconds',
  ] as const;
  const speech = total(errors, 'speechSeconds');
  return [percent(errorOf(errors)), ...keys.map((key) => percent(total(errors, key) / speech))];
}
