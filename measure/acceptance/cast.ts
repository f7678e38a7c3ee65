import { join } from 'node:path';
import { voiceFoldersIn, type VoiceFolder } from '../../src/cli/voice-folders.js';
import { spread } from './context.js';

const ENROLLED = { librispeech: 5, speechocean: 10 } as const;
const ENROLMENT_UTTERANCES = 2;

export interface Cast {
  /** `--enroll` options for the CLI. */
  readonly enroll: readonly string[];
  readonly names: readonly string[];
  /** What enrolled speakers say besides their enrolment. */
  readonly utterances: readonly { speaker: string; file: string }[];
  /** What speakers say whom nobody enrolled. */
  readonly strangers: readonly { speaker: string; file: string }[];
}

/** Up to 5 LibriSpeech and 10 speechocean speakers, enrolled from their first 2 utterances each. */
export function castFrom(audio: string): Cast {
  const enrolled: VoiceFolder[] = [];
  const others: VoiceFolder[] = [];
  for (const [corpus, count] of Object.entries(ENROLLED)) {
    const speakers = voiceFoldersIn(join(audio, corpus)).map(({ name, files }) => ({
      name: `${corpus[0]!}${name}`,
      files,
    }));
    const chosen = spread(speakers, count);
    enrolled.push(...chosen);
    others.push(
      ...spread(
        speakers.filter((speaker) => !chosen.includes(speaker)),
        5,
      ),
    );
  }
  const says = ({ name, files }: VoiceFolder): { speaker: string; file: string }[] =>
    files.map((file) => ({ speaker: name, file }));
  return {
    enroll: enrolled.flatMap(({ name, files }) => [
      '--enroll',
      `${name}=${files.slice(0, ENROLMENT_UTTERANCES).join(',')}`,
    ]),
    names: enrolled.map(({ name }) => name),
    utterances: enrolled.flatMap(({ name, files }) =>
      says({ name, files: files.slice(ENROLMENT_UTTERANCES) }),
    ),
    strangers: others.flatMap(says),
  };
}
