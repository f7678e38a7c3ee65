import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import {
  AUDIO_ENCODINGS,
  MAX_CHANNELS,
  MAX_STREAM_RATE_HZ,
  MAX_WORD_CHARACTERS,
  MAX_WORDS,
  MIN_STREAM_RATE_HZ,
  PROTOCOL_VERSION,
  type AssignMessage,
  type ClientMessage,
  type EndMessage,
  type Hello,
  type NameMessage,
  type ReceivedMessage,
  type StreamWords,
  type WordsMessage,
} from '../protocol/index.js';
import { audioSchema } from '../stream/format.js';
import { assignCommandSchema, nameCommandSchema } from '../events/event-schemas.js';
import { wordSchema } from '../transcript/words/word-schema.js';
import type { Same } from './same-type.js';

/** Characters that a text message may have: as many words as it may hold, as long as they may be, need no more. */
export const MAX_TEXT_CHARACTERS = 65_536;

const id = z.string().min(1).max(128);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const resume = z.strictObject({ session: id, token: id, lastEvent: count });

const helloFields = {
  version: z.literal(PROTOCOL_VERSION),
  encoding: z.enum(AUDIO_ENCODINGS),
  sampleRateHz: z.int().min(MIN_STREAM_RATE_HZ).max(MAX_STREAM_RATE_HZ),
  channels: z.int().min(1).max(MAX_CHANNELS).default(1),
  audio: audioSchema.default('mix'),
  live: z.boolean().default(true),
  group: z.string().min(1).max(64).optional(),
  latencySeconds: z.number().min(0.5).max(10).optional(),
  framing: z.enum(['sequenced', 'raw']).default('sequenced'),
  words: z.boolean().default(false),
};

export const helloSchema = z.strictObject({
  type: z.literal('hello'),
  ...helloFields,
  resume: resume.optional(),
});
export const endSchema = z.strictObject({ type: z.literal('end'), messages: count });
const speaker = z.string().min(1).max(256);
export const nameSchema = z.strictObject({
  ...nameCommandSchema.shape,
  label: z.string().min(1).max(64),
  speaker,
  save: z.boolean().default(true),
});
export const assignSchema = z.strictObject({ ...assignCommandSchema.shape, speaker });
export const receivedSchema = z.strictObject({ type: z.literal('received'), event: count });
const { text, start, end, confidence } = wordSchema.shape;
const streamWordSchema = z
  .strictObject({ text: text.max(MAX_WORD_CHARACTERS), start, end, confidence })
  .readonly();
export const streamWordsSchema = z.strictObject({
  words: z.array(streamWordSchema).max(MAX_WORDS).readonly(),
  final: z.boolean(),
  channel: wordSchema.shape.channel,
});
const wordsEnvelope = { type: z.literal('words'), sequence: count };
export const wordsSchema = z.strictObject({ ...wordsEnvelope, ...streamWordsSchema.shape });
/** What the words themselves are, whoever takes them asks: they are refused without an end to the stream. */
export const looseStreamWordsSchema = streamWordsSchema.extend({ words: z.array(z.unknown()) });
const looseWordsSchema = z.strictObject({ ...wordsEnvelope, ...looseStreamWordsSchema.shape });

export const clientMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  endSchema,
  nameSchema,
  assignSchema,
  receivedSchema,
  looseWordsSchema,
]);

/** The same hello in a URL: text where JSON has numbers and booleans. */
const querySchema = z.strictObject({
  version: z.literal('1').default('1'),
  encoding: helloFields.encoding,
  sampleRateHz: z.coerce.number().pipe(helloFields.sampleRateHz),
  channels: z.coerce.number().pipe(z.int().min(1).max(MAX_CHANNELS)).optional(),
  audio: helloFields.audio,
  live: z.enum(['true', 'false']).default('true'),
  group: helloFields.group,
  latencySeconds: z.coerce.number().pipe(z.number().min(0.5).max(10)).optional(),
  framing: z.enum(['sequenced', 'raw']).default('raw'),
  words: z.enum(['true', 'false']).default('false'),
});

/** A hello with its defaults filled in. */
export type CheckedHello = z.output<typeof helloSchema>;
export type CheckedMessage = z.output<typeof clientMessageSchema>;

/** @throws {WhospeaksError} `protocol-message` or `protocol-version`, saying which field and why */
export function parseClientMessage(text: string): CheckedMessage {
  if (text.length > MAX_TEXT_CHARACTERS) {
    throw new WhospeaksError(
      'protocol-message',
      `a text message of ${text.length} characters is too long; at most ${MAX_TEXT_CHARACTERS}`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WhospeaksError('protocol-message', 'a text message is not JSON; send audio as binary messages');
  }
  const parsed = clientMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw messageFault(parsed.error, json);
}

/** The hello that a URL's query makes, or null where it has none. */
export function helloOfQuery(query: URLSearchParams): CheckedHello | null {
  if (query.size === 0) return null;
  const parsed = querySchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw messageFault(parsed.error, null);
  const { live, channels, words, ...rest } = parsed.data;
  return {
    type: 'hello',
    ...rest,
    version: PROTOCOL_VERSION,
    live: live === 'true',
    words: words === 'true',
    channels: channels ?? 1,
  };
}

function messageFault(error: z.ZodError, json: unknown): WhospeaksError {
  const issue = error.issues[0]!;
  const where = issue.path.join('.');
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  if (where === 'version' && version !== undefined) {
    return new WhospeaksError(
      'protocol-version',
      `this server speaks version ${PROTOCOL_VERSION} of the protocol, not ${JSON.stringify(version).slice(0, 20)}; update the client`,
    );
  }
  const what = issue.code === 'unrecognized_keys' ? 'unknown field' : issue.message;
  const place = issue.code === 'unrecognized_keys' ? issue.keys.join(', ').slice(0, 80) : where;
  return new WhospeaksError('protocol-message', `message: ${place === '' ? '' : `"${place}": `}${what}`);
}

/** The schemas accept exactly what the protocol's types say; the compiler checks it. */
type Checks = [
  Same<z.input<typeof helloSchema>, Hello>,
  Same<z.input<typeof endSchema>, EndMessage>,
  Same<z.input<typeof nameSchema>, NameMessage>,
  Same<z.input<typeof assignSchema>, AssignMessage>,
  Same<z.input<typeof receivedSchema>, ReceivedMessage>,
  Same<z.input<typeof streamWordsSchema>, StreamWords>,
  Same<z.input<typeof wordsSchema>, WordsMessage>,
  Same<Exclude<z.input<typeof clientMessageSchema>, { type: 'words' }>, Exclude<ClientMessage, WordsMessage>>,
];
export type SchemasMatchTypes = Checks extends true[] ? true : never;
true satisfies SchemasMatchTypes;
