import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { profileFromJson, profileToJson } from '../../speakers/profile-file.js';
import type { JobResult } from './messages.js';

/** A profile file's name is a speaker's; what an unknown voice is called is none. */
const STORED_NAME = 'voice';

const seconds = z.number().min(0);
const probability = z.number().min(0).max(1);
const schema = z.object({
  duration: seconds,
  segments: z.array(
    z.object({
      speaker: z.string(),
      known: z.boolean(),
      start: seconds,
      end: seconds,
      probability,
      channel: z.int().min(0).optional(),
    }),
  ),
  speakers: z.array(
    z.object({
      label: z.string(),
      known: z.boolean(),
      seconds,
      channel: z.int().min(0).optional(),
      name: z.string(),
      id: z.string().optional(),
      profile: z.unknown(),
    }),
  ),
  transcript: z
    .object({
      format: z.string(),
      estimatedWords: z.int().min(0),
      isDoubtful: z.boolean(),
      words: z.array(z.looseObject({ text: z.string(), start: z.number(), end: z.number() })),
    })
    .optional(),
});

/** What came of a recording, as other servers read it. */
export function resultToJson({ speakers, ...result }: JobResult): Uint8Array {
  const stored = speakers.map(({ profile, ...speaker }) => ({
    ...speaker,
    name: profile.name,
    id: profile.id,
    profile: profileToJson({ ...profile, name: STORED_NAME }),
  }));
  return Buffer.from(JSON.stringify({ ...result, speakers: stored }));
}

/** @throws {WhospeaksError} `store-corrupt` */
export function resultFromJson(bytes: Uint8Array): JobResult {
  try {
    const { speakers, ...result } = schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const found = speakers.map(({ name, id, profile, ...speaker }) => ({
      ...speaker,
      profile: { ...profileFromJson(profile), name, ...(id === undefined ? {} : { id }) },
    }));
    // Optional fields that are absent are absent, not undefined: the schema adds none.
    return { ...result, speakers: found } as JobResult;
  } catch (cause) {
    throw new WhospeaksError(
      'store-corrupt',
      'what came of the recording is damaged; send the recording again',
      { cause },
    );
  }
}
