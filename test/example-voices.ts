import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { lastValueFrom, toArray } from 'rxjs';
import {
  enroll,
  fromFile,
  fromReadable,
  identify,
  ProfileStore,
  SpeakerModel,
  type EnrollModel,
  type IdentifyEvent,
  type Profile,
} from '../src/index.js';
import { AUDIO } from './helpers.js';

/** By name and model. An enrolment takes a second of a processor: each process of tests makes it once. */
const enrolled = new Map<string, Promise<Profile>>();

/** Speakers of the example meeting, each from their own recording. */
export async function exampleSpeakers(
  model: EnrollModel,
  names: readonly string[] = ['alice', 'bob'],
): Promise<Profile[]> {
  const speakers: Profile[] = [];
  for (const name of names) {
    const key = `${name} ${model.fingerprint}`;
    const made = enrolled.get(key) ?? enroll(model, { name, sources: [fromFile(`${AUDIO}/${name}.wav`)] });
    enrolled.set(key, made);
    speakers.push(await made);
  }
  return speakers;
}

/** A new store of speakers of the example meeting, as the bundled model hears them: its folder. */
export async function exampleStore(
  folder = mkdtempSync(join(tmpdir(), 'whospeaks-examples-')),
  names?: readonly string[],
): Promise<string> {
  const model = await SpeakerModel.fromPretrained();
  const store = new ProfileStore({ folder });
  for (const profile of await exampleSpeakers(model, names)) await store.put(profile);
  model.close();
  return folder;
}

/** What the SDK tells of this sound, s16le at 16 kHz, that comes in these pieces. */
export function toldOf(
  pieces: readonly Buffer[],
  model: EnrollModel,
  speakers: readonly Profile[],
): Promise<IdentifyEvent[]> {
  const source = fromReadable(Readable.from(pieces), { encoding: 's16le', sampleRateHz: 16_000 });
  return lastValueFrom(identify(source, { model, speakers }).pipe(toArray()));
}
