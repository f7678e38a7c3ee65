import { z } from 'zod';
import { fromBase64, toBase64 } from '../base64.js';
import { WhospeaksError } from '../errors.js';
import { MAX_ADAPTATIONS, type Profile } from './profile.js';
import { storedName } from './speaker-name.js';
import { norm } from '../vectors.js';

/** Version of the JSON form below. A reader refuses a later one. */
export const PROFILE_VERSION = 1;

const MAX_DIMENSION = 8192;
/** More than any version has written. */
const MAX_FILE_EXEMPLARS = 256;
/** How far from 1 the length of a stored embedding may be: float32 rounding is far below it. */
const NORM_TOLERANCE = 1e-3;

const base64 = z.base64();

const schema = z.object({
  version: z.literal(PROFILE_VERSION, { error: `expected version ${PROFILE_VERSION}` }),
  name: z.string(),
  model: z.object({
    name: z.string().max(1000),
    fingerprint: z.string().regex(/^[0-9a-f]{8,128}$/, 'expected hex'),
  }),
  dimension: z.int().min(1).max(MAX_DIMENSION),
  speechSeconds: z.number().min(0),
  recordings: z.int().min(1),
  consistency: z.number().min(-1.001).max(1.001),
  createdAt: z.iso.datetime().optional(),
  centroid: base64,
  exemplars: z.array(base64).max(MAX_FILE_EXEMPLARS),
  adaptations: z
    .array(
      z.object({
        vector: base64,
        seconds: z.number().min(0),
        probability: z.number().min(0).max(1),
        addedAt: z.iso.datetime().optional(),
      }),
    )
    .max(MAX_ADAPTATIONS)
    .optional(),
});

/** A profile as JSON; embeddings are base64 of little-endian float32. */
export type ProfileJson = z.input<typeof schema>;

export function profileToJson(profile: Profile): ProfileJson {
  const { name, model, dimension, speechSeconds, recordings, consistency, createdAt } = profile;
  return {
    version: PROFILE_VERSION,
    name,
    model: { name: model.name, fingerprint: model.fingerprint },
    dimension,
    speechSeconds,
    recordings,
    consistency,
    ...(createdAt === undefined ? {} : { createdAt }),
    centroid: encode(profile.centroid),
    exemplars: profile.exemplars.map(encode),
    ...(profile.adaptations === undefined || profile.adaptations.length === 0
      ? {}
      : { adaptations: profile.adaptations.map((each) => ({ ...each, vector: encode(each.vector) })) }),
  };
}

/**
 * A profile from JSON that `profileToJson` made, of this version or an earlier one.
 * @throws {WhospeaksError} `store-corrupt`: what is wrong, in a few words; the caller knows where the JSON came from
 */
export function profileFromJson(json: unknown): Profile {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw corrupt(`${issue.path.join('.') || 'profile'}: ${issue.message}`);
  }
  const { centroid, exemplars, name, model, dimension, speechSeconds, recordings, consistency, createdAt } =
    parsed.data;
  if (storedName(name) !== name) throw corrupt(`name: ${JSON.stringify(name)} is not in stored form`);
  return {
    name,
    model,
    dimension,
    speechSeconds,
    recordings,
    consistency,
    ...(createdAt === undefined ? {} : { createdAt }),
    centroid: decode('centroid', centroid, dimension),
    exemplars: exemplars.map((text, i) => decode(`exemplars.${i}`, text, dimension)),
    ...(parsed.data.adaptations === undefined
      ? {}
      : {
          adaptations: parsed.data.adaptations.map((each, i) => ({
            ...each,
            vector: decode(`adaptations.${i}`, each.vector, dimension),
          })),
        }),
  };
}

function corrupt(message: string): WhospeaksError {
  return new WhospeaksError('store-corrupt', message);
}

const FLOAT_BYTES = 4;

/** Whether this machine's order of bytes is the files'. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The other order of bytes, of numbers of 32 bits, in place. */
function swapped(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += FLOAT_BYTES) bytes.subarray(at, at + FLOAT_BYTES).reverse();
  return bytes;
}

function encode(vector: Float32Array): string {
  const bytes = new Uint8Array(Float32Array.from(vector).buffer);
  return toBase64(isLittleEndian ? bytes : swapped(bytes));
}

function decode(where: string, text: string, dimension: number): Float32Array {
  const bytes = fromBase64(text);
  if (bytes.length !== dimension * FLOAT_BYTES) {
    throw corrupt(`${where}: expected ${dimension} numbers, received ${bytes.length / FLOAT_BYTES}`);
  }
  if (!isLittleEndian) swapped(bytes);
  const vector = new Float32Array(bytes.buffer);
  const length = norm(vector);
  // Also false where a number is not finite.
  if (!(Math.abs(length - 1) <= NORM_TOLERANCE))
    throw corrupt(`${where}: expected length 1, received ${length}`);
  return vector;
}
