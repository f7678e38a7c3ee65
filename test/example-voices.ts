import { Readable } from 'node:stream';
import { lastValueFrom, toArray } from 'rxjs';
import {
  enroll,
  fromFile,
  fromReadable,
  identify,
  type EnrollModel,
  type IdentifyEvent,
  type Profile,
} from '../src/index.js';
import { AUDIO } from './helpers.js';

/** Speakers of the example meeting, each from their own recording. */
export async function exampleSpeakers(
  model: EnrollModel,
  names: readonly string[] = ['alice', 'bob'],
): Promise<Profile[]> {
  const speakers: Profile[] = [];
  for (const name of names) {
    speakers.push(await enroll(model, { name, sources: [fromFile(`${AUDIO}/${name}.wav`)] }));
  }
  return speakers;
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
