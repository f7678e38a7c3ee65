import { z } from 'zod';
import { parseOptions } from '../options.js';
import type { Enrollment, EnrollProgress } from '../speakers/enroll.js';
import type { Profile } from '../speakers/profile.js';
import { soundSchema, type SoundSource } from './sound-source.js';
import { browserModelSchema, linkOf, type SpeakerModel } from './speaker-model.js';

export interface EnrollOptions {
  /** 1 to 64 characters. */
  readonly name: string;
  /** Recordings of this speaker alone; each is read to its end. */
  readonly sources: readonly SoundSource[];
  /** Stored speakers, for the report: is the new one similar to one of them? */
  readonly others?: readonly Profile[] | undefined;
  /** Called as a recording is heard, about twice a second of sound. */
  readonly onProgress?: ((progress: EnrollProgress) => void) | undefined;
}

const schema = z.strictObject({
  name: z.string(),
  sources: z.array(soundSchema).min(1, { error: 'expected at least one recording' }),
  others: z.array(z.custom<Profile>()).readonly().default([]),
  onProgress: z.custom<(progress: EnrollProgress) => void>((value) => typeof value === 'function').optional(),
});

/** A speaker's profile from recordings, as in Node. Rejects with `speaker-name`, `speech-too-short`, `invalid-option`, or as the sources do. */
export async function enroll(model: SpeakerModel, options: EnrollOptions): Promise<Profile> {
  return (await enrollWithReport(model, options)).profile;
}

/** As `enroll`, with a report on the quality of the enrolment and how to improve it. */
export async function enrollWithReport(model: SpeakerModel, options: EnrollOptions): Promise<Enrollment> {
  parseOptions('enroll', z.object({ model: browserModelSchema }), { model });
  const { name, sources, others, onProgress } = parseOptions('enroll', schema, options);
  const link = linkOf(model);
  const heads = sources.map((source) => link.head(source));
  const { answer } = link.call(
    'enroll',
    { name, sources: heads, others },
    {
      sources: heads,
      onTold: (told) => {
        if (told.kind === 'progress') onProgress?.(told.progress as EnrollProgress);
      },
    },
  );
  return answer;
}
