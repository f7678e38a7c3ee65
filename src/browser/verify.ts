import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import type { FindOptions, FoundVoices } from '../scoring/find-speakers.js';
import type { Verification, VerifyOptions } from '../scoring/verify.js';
import type { Profile } from '../speakers/profile.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { SentSide, SourceHead } from './messages.js';
import { fromSamples, type SoundSource } from './sound-source.js';
import { browserModelSchema, linkOf, type SpeakerModel } from './speaker-model.js';
import type { WorkerLink } from './worker-link.js';

/** One side of a comparison: a recording of one voice, mono samples at 16 kHz, or an enrolled speaker. */
export type VerifyInput = SoundSource | Float32Array | Profile;

const modelSchema = z.object({ model: browserModelSchema });

/**
 * Is it one person? As in Node. The order of the two does not matter.
 *
 * Rejects with `invalid-option`, `model-mismatch` (a profile of another model), or what a source and the model reject with.
 */
export async function verify(
  model: SpeakerModel,
  a: VerifyInput,
  b: VerifyInput,
  options: VerifyOptions = {},
): Promise<Verification> {
  parseOptions('verify', modelSchema, { model });
  for (const [which, input] of [
    ['first', a],
    ['second', b],
  ] as const)
    assertInput(input, 'verify', which);
  const link = linkOf(model);
  const sent = [sideOf(link, a), sideOf(link, b)] as const;
  return link.call('verify', { sides: sent, options }, { sources: headsOf(sent) }).answer;
}

/**
 * Whose voice is in a recording, of many enrolled speakers? As in Node, but that the speakers are sent to the worker at each call.
 *
 * Rejects with `invalid-option`, `model-mismatch`, `speaker-exists` (two of one name), or what the source and the model reject with.
 */
export async function findSpeakers(
  model: SpeakerModel,
  recording: VerifyInput,
  speakers: readonly Profile[],
  options: FindOptions = {},
): Promise<FoundVoices> {
  parseOptions('findSpeakers', modelSchema.extend({ speakers: z.array(z.custom<Profile>()) }), {
    model,
    speakers,
  });
  assertInput(recording, 'findSpeakers', 'only');
  const link = linkOf(model);
  const side = sideOf(link, recording);
  return link.call('findSpeakers', { side, speakers, options }, { sources: headsOf([side]) }).answer;
}

function isProfile(input: VerifyInput): input is Profile {
  return (input as Profile | null)?.centroid instanceof Float32Array;
}

/** @throws {WhospeaksError} `invalid-option` */
function assertInput(input: VerifyInput, call: string, which: string): void {
  const isSource = typeof (input as SoundSource | null)?.open === 'function';
  if (isSource || input instanceof Float32Array || isProfile(input)) return;
  throw new WhospeaksError(
    'invalid-option',
    `${call}: the ${which} voice: expected a SoundSource, a Float32Array of samples at 16 kHz, or a Profile`,
  );
}

function sideOf(link: WorkerLink, input: VerifyInput): SentSide {
  if (isProfile(input)) return { profile: input };
  return { source: link.head(input instanceof Float32Array ? fromSamples(input, SAMPLE_RATE_HZ) : input) };
}

function headsOf(sides: readonly SentSide[]): SourceHead[] {
  return sides.flatMap((side) => ('source' in side ? side.source : []));
}
