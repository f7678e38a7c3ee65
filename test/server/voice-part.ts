import { readFileSync } from 'node:fs';
import { AUDIO } from '../helpers.js';

/** Some seconds of a voice of the examples as a wav file: as short as an enrolment may be, unless said otherwise. */
export function voicePart(name: string, seconds = 4, fromSeconds = 0): Uint8Array<ArrayBuffer> {
  const file = readFileSync(`${AUDIO}/${name}.wav`);
  const from = 44 + fromSeconds * 32_000;
  const wav = Buffer.concat([file.subarray(0, 44), file.subarray(from, from + seconds * 32_000)]);
  wav.writeUInt32LE(wav.length - 44, 40);
  return new Uint8Array(wav);
}
