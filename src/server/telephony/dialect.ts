import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import type { AudioEncoding } from '../../protocol/index.js';

export const TRACKS = ['inbound', 'outbound'] as const;
/** Whose sound it is: `inbound` comes from the far end of the call, `outbound` goes to it. */
export type Track = (typeof TRACKS)[number];

export const PROVIDERS = ['twilio', 'telnyx'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** What a provider calls things; the messages are alike otherwise. */
interface Dialect {
  readonly sequence: string;
  readonly stream: string;
  readonly call: string;
  readonly format: string;
  readonly rate: string;
  readonly parameters: string;
  readonly encodings: Readonly<Record<string, AudioEncoding>>;
  /** What to set where another encoding comes. */
  readonly advice: string;
}

export const DIALECTS: Readonly<Record<ProviderName, Dialect>> = {
  twilio: {
    sequence: 'sequenceNumber',
    stream: 'streamSid',
    call: 'callSid',
    format: 'mediaFormat',
    rate: 'sampleRate',
    parameters: 'customParameters',
    encodings: { 'audio/x-mulaw': 'mulaw' },
    advice: 'Media Streams are audio/x-mulaw',
  },
  telnyx: {
    sequence: 'sequence_number',
    stream: 'stream_id',
    call: 'call_control_id',
    format: 'media_format',
    rate: 'sample_rate',
    parameters: 'custom_parameters',
    encodings: { PCMU: 'mulaw', PCMA: 'alaw' },
    advice: 'set the codec of the stream to PCMU or PCMA',
  },
};

/** G.711. */
export const CALL_RATE_HZ = 8000;
/** All parameters of a call together, characters. */
const MAX_PARAMETERS = 8192;
const NOT_BASE64 = /[^A-Za-z0-9+/]/;

export interface StartMessage {
  readonly event: 'start';
  readonly sequence: number | null;
  readonly stream: string;
  readonly call: string;
  /** Null where the provider does not say which. */
  readonly tracks: readonly Track[] | null;
  readonly encoding: AudioEncoding;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface MediaMessage {
  readonly event: 'media';
  readonly track: Track;
  /** From the start of the stream, ms; null where it is not said. */
  readonly timestampMs: number | null;
  readonly payload: Uint8Array;
}

/** What may come between start and end. */
export type CallInput =
  | MediaMessage
  | { readonly event: 'dtmf'; readonly digit: string; readonly track: Track | null }
  | { readonly event: 'mark'; readonly name: string }
  | { readonly event: 'error'; readonly detail: string }
  | { readonly event: 'stop' };

/** A message, the same whatever provider it comes from. `other`: what the server has no use for. */
export type ProviderMessage =
  | { readonly event: 'connected' | 'other' }
  | StartMessage
  | {
      readonly event: 'input';
      readonly sequence: number | null;
      readonly stream: string | null;
      readonly input: CallInput;
    };

const text = z.string().min(1).max(256);
/** Numbers come as text from some and as numbers from others. */
const number = z
  .union([z.int(), z.string().regex(/^\d{1,15}$/)])
  .transform(Number)
  .pipe(z.int().min(0));
const parametersSchema = z.record(z.string().max(256), z.string().max(4096));
const mediaSchema = z.object({
  track: z.enum(TRACKS).default('inbound'),
  timestamp: number.nullish(),
  payload: z.string(),
});
const dtmfSchema = z.object({ digit: z.string().min(1).max(8), track: z.string().nullish() });
const markSchema = z.object({ name: z.string().max(256) });
const objectSchema = z.record(z.string(), z.unknown());

/** @throws {WhospeaksError} `protocol-message` or, of a format that cannot be heard, `audio-unsupported` */
export function parseProviderMessage(provider: ProviderName, json: string): ProviderMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw fault('a message is not JSON');
  }
  const message = checked(objectSchema, parsed, 'message');
  const dialect = DIALECTS[provider];
  const event = checked(text, message['event'], 'event');
  if (event === 'connected') return { event };
  if (event === 'start') return startOf(dialect, message);
  const input = inputOf(event, message);
  if (input === null) return { event: 'other' };
  return {
    event: 'input',
    input,
    sequence: sequenceOf(dialect, message),
    stream: streamOf(dialect, message),
  };
}

function startOf(dialect: Dialect, message: Readonly<Record<string, unknown>>): StartMessage {
  const start = checked(objectSchema, message['start'], 'start');
  const format = checked(objectSchema, start[dialect.format], `start.${dialect.format}`);
  const called = String(format['encoding']).slice(0, 40);
  const encoding = dialect.encodings[called];
  const rateHz = Number(format[dialect.rate]);
  const channels = Number(format['channels'] ?? 1);
  if (encoding === undefined || rateHz !== CALL_RATE_HZ || channels !== 1) {
    throw new WhospeaksError(
      'audio-unsupported',
      `the call is ${called}, ${rateHz} Hz, channels ${channels}; expected ` +
        `${Object.keys(dialect.encodings).join(' or ')}, ${CALL_RATE_HZ} Hz, channels 1: ${dialect.advice}`,
    );
  }
  const parameters = checked(
    parametersSchema,
    start[dialect.parameters] ?? {},
    `start.${dialect.parameters}`,
  );
  if (JSON.stringify(parameters).length > MAX_PARAMETERS) {
    throw fault(`"start.${dialect.parameters}": more than ${MAX_PARAMETERS} characters in all`);
  }
  const tracks = start['tracks'];
  return {
    event: 'start',
    sequence: sequenceOf(dialect, message),
    stream: checked(text, message[dialect.stream] ?? start[dialect.stream], dialect.stream),
    call: checked(text, start[dialect.call], `start.${dialect.call}`),
    tracks:
      tracks === undefined ? null : checked(z.array(z.enum(TRACKS)).min(1).max(2), tracks, 'start.tracks'),
    encoding,
    parameters,
  };
}

function inputOf(event: string, message: Readonly<Record<string, unknown>>): CallInput | null {
  switch (event) {
    case 'media': {
      const { track, timestamp, payload } = checked(mediaSchema, message['media'], 'media');
      return { event, track, timestampMs: timestamp ?? null, payload: bytesOf(payload) };
    }
    case 'dtmf': {
      const { digit, track } = checked(dtmfSchema, message['dtmf'], 'dtmf');
      // Named `inbound_track` here by those who call it `inbound` elsewhere.
      return { event, digit, track: TRACKS.find((known) => track?.startsWith(known) === true) ?? null };
    }
    case 'mark':
      return { event, name: checked(markSchema, message['mark'], 'mark').name };
    case 'error':
      return { event, detail: JSON.stringify(message['payload'] ?? message['error'] ?? null).slice(0, 1000) };
    case 'stop':
      return { event };
    default:
      return null;
  }
}

/** Node reads whatever it is given; here it is base64, padded or not, or a fault. */
function bytesOf(base64: string): Uint8Array {
  const bare = base64.replace(/={1,2}$/, '');
  if (bare === '' || bare.length % 4 === 1 || NOT_BASE64.test(bare))
    throw fault('"media.payload" is not base64');
  return Buffer.from(bare, 'base64');
}

function sequenceOf(dialect: Dialect, message: Readonly<Record<string, unknown>>): number | null {
  return checked(number.nullish(), message[dialect.sequence], dialect.sequence) ?? null;
}

function streamOf(dialect: Dialect, message: Readonly<Record<string, unknown>>): string | null {
  return checked(text.nullish(), message[dialect.stream], dialect.stream) ?? null;
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw fault(`"${[name, ...issue.path].join('.').slice(0, 80)}": ${issue.message}`);
}

function fault(what: string): WhospeaksError {
  return new WhospeaksError('protocol-message', `${what}; check what sends to this address`);
}
