import { z } from 'zod';
import { ERROR_CODES } from '../../errors.js';
import { wireEventSchema } from '../../events/wire-schemas.js';
import { PROVIDERS, TRACKS } from './dialect.js';

const count = z.int().min(0);
/** Ids are 1, 2, 3 … over the whole call, both tracks together. */
const numbered = { id: z.int().min(1), call: z.string() };
const track = z.enum(TRACKS);
const problem = z.strictObject({ code: z.enum(ERROR_CODES), message: z.string() });

/** What is told of a call, by webhook and by WebSocket alike. */
export const CALL_MESSAGE_SCHEMAS = {
  /** A connection of the provider began; `resumed`: the call had one before. */
  started: z.strictObject({
    type: z.literal('started'),
    ...numbered,
    provider: z.enum(PROVIDERS),
    stream: z.string(),
    group: z.string(),
    resumed: z.boolean(),
    parameters: z.record(z.string(), z.string()),
  }),
  /** A track is listened to, as a stream of its own: `session` is its id under `/v1/sessions`. */
  track: z.strictObject({
    type: z.literal('track'),
    ...numbered,
    track,
    session: z.string(),
    speakers: z.array(z.string()).readonly(),
  }),
  event: z.strictObject({ type: z.literal('event'), ...numbered, track, event: wireEventSchema }),
  /** `track`: null where the provider does not say it. */
  dtmf: z.strictObject({ type: z.literal('dtmf'), ...numbered, track: track.nullable(), digit: z.string() }),
  mark: z.strictObject({ type: z.literal('mark'), ...numbered, name: z.string() }),
  /** The provider reported an error of its own. */
  provider: z.strictObject({ type: z.literal('provider'), ...numbered, detail: z.string() }),
  /** Messages of the provider that never came, came too late, or came ahead of their time; of the whole call. */
  irregular: z.strictObject({ type: z.literal('irregular'), ...numbered, missing: count, late: count }),
  /** The connection broke without "stop"; the call waits for another one. */
  lost: z.strictObject({ type: z.literal('lost'), ...numbered, waitSeconds: z.number() }),
  /** Nothing follows. Without `error` the call was stopped. */
  ended: z.strictObject({
    type: z.literal('ended'),
    ...numbered,
    seconds: z.number().min(0),
    missing: count,
    late: count,
    error: problem.optional(),
  }),
} as const;

/** Not numbered: the messages `from` to `to` were forgotten before they could be told. */
export const missedSchema = z.strictObject({
  type: z.literal('missed'),
  call: z.string(),
  from: z.int().min(1),
  to: z.int().min(1),
});

export const callMessageSchema = z.discriminatedUnion('type', [
  CALL_MESSAGE_SCHEMAS.started,
  CALL_MESSAGE_SCHEMAS.track,
  CALL_MESSAGE_SCHEMAS.event,
  CALL_MESSAGE_SCHEMAS.dtmf,
  CALL_MESSAGE_SCHEMAS.mark,
  CALL_MESSAGE_SCHEMAS.provider,
  CALL_MESSAGE_SCHEMAS.irregular,
  CALL_MESSAGE_SCHEMAS.lost,
  CALL_MESSAGE_SCHEMAS.ended,
]);
export type CallMessage = z.output<typeof callMessageSchema>;
/** A message before it has its number. */
export type CallNews = CallMessage extends infer Message
  ? Message extends CallMessage
    ? Omit<Message, 'id' | 'call'>
    : never
  : never;

/** The body of one request to a webhook. */
export const webhookSchema = z.strictObject({
  call: z.string(),
  group: z.string(),
  missed: missedSchema.omit({ type: true, call: true }).nullable(),
  messages: z.array(callMessageSchema).readonly(),
});

/** `GET /v1/telephony/calls` */
export const callListSchema = z.strictObject({
  calls: z.array(
    z.strictObject({
      call: z.string(),
      provider: z.enum(PROVIDERS),
      state: z.enum(['connected', 'lost', 'ended']),
      seconds: z.number().min(0),
      lastMessage: count,
      sessions: z.partialRecord(track, z.string()),
    }),
  ),
});
export type CallListReply = z.output<typeof callListSchema>;
