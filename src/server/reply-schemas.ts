import { z } from 'zod';
import { ERROR_CODES } from '../errors.js';
import type {
  Ack,
  DrainMessage,
  EnrollmentReply,
  ErrorMessage,
  ErrorReply,
  IdentifyReply,
  EventMessage,
  LagMessage,
  NameReply,
  NotReadyReply,
  RecordingListReply,
  RecordingReply,
  ReadyReply,
  RemovedListReply,
  SessionListReply,
  SpeakerInfo,
  SpeakerListReply,
  SpeakersMessage,
  TicketReply,
  VerifyReply,
  Welcome,
} from '../protocol/index.js';
import { EVENT_SCHEMAS } from '../events/event-schemas.js';
import { wireEventSchema } from '../events/wire-schemas.js';
import type { Same } from './same-type.js';

/** What the server says, as schemas: for the descriptions and the tests. The compiler holds them to the types. */
const count = z.int().min(0);
const seconds = z.number().min(0);
const code = z.enum(ERROR_CODES);
const names = z.array(z.string()).readonly();
const model = z.strictObject({ name: z.string(), fingerprint: z.string() }).readonly();

export const welcomeSchema = z.strictObject({
  type: z.literal('welcome'),
  version: z.literal(1),
  session: z.string(),
  resumeToken: z.string(),
  resumeWindowSeconds: seconds,
  resumed: z.boolean(),
  nextSequence: count,
  nextWords: count.optional(),
  creditBytes: count,
  maxMessageBytes: count,
  idleTimeoutSeconds: seconds,
  latencySeconds: seconds,
  group: z.string(),
  speakers: names,
  model,
});
export const ackSchema = z.strictObject({
  type: z.literal('ack'),
  sequence: z.int().min(-1),
  creditBytes: count,
  nextWords: count.optional(),
});
export const lagSchema = z.strictObject({
  type: z.literal('lag'),
  behindSeconds: seconds,
  droppedSeconds: seconds,
});
export const speakersSchema = z.strictObject({ type: z.literal('speakers'), speakers: names });
export const drainSchema = z.strictObject({ type: z.literal('drain'), deadlineSeconds: seconds });
export const errorSchema = z.strictObject({
  type: z.literal('error'),
  code,
  message: z.string(),
  fatal: z.boolean(),
  retryAfterSeconds: seconds.optional(),
  elsewhere: z.string().optional(),
  answers: z
    .union([
      z.strictObject({ label: z.string(), speaker: z.string() }),
      z.strictObject({ turn: count, speaker: z.string() }),
      z.strictObject({ type: z.literal('words'), sequence: count }),
    ])
    .optional(),
});

export const eventMessageSchema = z.strictObject({
  type: z.literal('event'),
  id: z.int().min(1),
  event: wireEventSchema,
});

export const ticketSchema = z.strictObject({ ticket: z.string(), expiresInSeconds: seconds });
export const speakerSchema = z.strictObject({
  name: z.string(),
  id: z.string().optional(),
  speechSeconds: seconds,
  recordings: z.int().min(1),
  consistency: z.number(),
  model,
  createdAt: z.iso.datetime().optional(),
  usable: z.boolean(),
});
export const removedListSchema = z.strictObject({
  removed: z
    .array(
      z.strictObject({ name: z.string(), removedAt: z.iso.datetime(), until: z.iso.datetime() }).readonly(),
    )
    .readonly(),
});
const unusable = { unusableSpeakers: count, unusableSpeakerIds: names };
const fleet = z.strictObject({ reachable: z.boolean(), servers: z.int().min(1), refused: names }).optional();
export const readySchema = z.strictObject({ status: z.literal('ready'), ...unusable, fleet });
export const notReadySchema = z.strictObject({
  status: z.literal('not ready'),
  reason: z.string(),
  ...unusable,
  fleet,
});
export const speakerListSchema = z.strictObject({
  group: z.string(),
  speakers: z.array(speakerSchema).readonly(),
  damaged: names,
});
const share = z.number().min(0).max(1);
const reportSchema = z.strictObject({
  speechSeconds: seconds,
  recordings: z.int().min(1),
  signalToNoiseDb: z.number().optional(),
  clippedShare: share,
  consistency: z.number(),
  secondVoiceShare: share,
  overlapShare: share.optional(),
  closest: z.strictObject({ name: z.string(), cosine: z.number(), probability: share }).readonly().optional(),
  advice: names,
});
export const enrolmentSchema = z.strictObject({
  speaker: speakerSchema,
  replaced: z.boolean(),
  appended: z.boolean(),
  saved: z.boolean(),
  report: reportSchema,
});
export const nameReplySchema = z.strictObject({
  speaker: speakerSchema.optional(),
  label: z.string(),
  how: EVENT_SCHEMAS.named.shape.how,
  saved: z.boolean(),
});
const compared = { secondsA: seconds, secondsB: seconds, advice: names };
export const verifySchema = z.union([
  z.strictObject({
    ...compared,
    same: z.boolean(),
    cosine: z.number().min(-1).max(1),
    logLikelihoodRatio: z.number(),
    probability: share,
  }),
  z.strictObject({
    ...compared,
    same: z.null(),
    cosine: z.null(),
    logLikelihoodRatio: z.null(),
    probability: z.null(),
  }),
]);
export const identifySchema = z.strictObject({
  named: z.string().nullable(),
  speakers: z
    .array(
      z
        .strictObject({
          speaker: z.string(),
          cosine: z.number().min(-1).max(1),
          logLikelihoodRatio: z.number(),
          probability: share,
        })
        .readonly(),
    )
    .readonly(),
  strangerProbability: share.nullable(),
  seconds,
});
export const sessionListSchema = z.strictObject({
  sessions: z
    .array(
      z.strictObject({
        session: z.string(),
        live: z.boolean(),
        connected: z.boolean(),
        receivedSeconds: seconds,
        behindSeconds: seconds,
      }),
    )
    .readonly(),
});
const transcriptSchema = z
  .strictObject({
    format: z.string(),
    estimatedWords: count,
    isDoubtful: z.boolean(),
    words: z
      .array(
        z
          .strictObject({
            text: z.string(),
            startSeconds: seconds,
            endSeconds: seconds,
            speaker: z.string(),
            known: z.boolean(),
            probability: share,
            confidence: share.optional(),
            channel: count.optional(),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();
export const recordingSchema = z.strictObject({
  recording: z.string(),
  state: z.enum(['fetching', 'queued', 'running', 'done', 'failed']),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  ahead: count.optional(),
  positionSeconds: seconds.optional(),
  durationSeconds: seconds.optional(),
  error: z.strictObject({ code, message: z.string() }).readonly().optional(),
  segments: z
    .array(
      z
        .strictObject({
          speaker: z.string(),
          known: z.boolean(),
          startSeconds: seconds,
          endSeconds: seconds,
          probability: share,
          channel: count.optional(),
        })
        .readonly(),
    )
    .readonly()
    .optional(),
  speakers: z
    .array(
      z
        .strictObject({ label: z.string(), known: z.boolean(), seconds, channel: count.optional() })
        .readonly(),
    )
    .readonly()
    .optional(),
  transcript: transcriptSchema.optional(),
});
export const recordingListSchema = z.strictObject({
  recordings: z.array(recordingSchema).readonly(),
  maxRecordings: count,
  maxRecordingBytes: count,
});
export const errorReplySchema = z.strictObject({ error: z.strictObject({ code, message: z.string() }) });

export const serverMessageSchema = z.discriminatedUnion('type', [
  welcomeSchema,
  ackSchema,
  eventMessageSchema,
  lagSchema,
  speakersSchema,
  drainSchema,
  errorSchema,
]);

type Checks = [
  Same<z.input<typeof welcomeSchema>, Welcome>,
  Same<z.input<typeof ackSchema>, Ack>,
  Same<z.input<typeof lagSchema>, LagMessage>,
  Same<z.input<typeof speakersSchema>, SpeakersMessage>,
  Same<z.input<typeof drainSchema>, DrainMessage>,
  Same<z.input<typeof errorSchema>, ErrorMessage>,
  Same<z.input<typeof eventMessageSchema>, EventMessage>,
  Same<z.input<typeof ticketSchema>, TicketReply>,
  Same<z.input<typeof speakerSchema>, SpeakerInfo>,
  Same<z.input<typeof speakerListSchema>, SpeakerListReply>,
  Same<z.input<typeof enrolmentSchema>, EnrollmentReply>,
  Same<z.input<typeof nameReplySchema>, NameReply>,
  Same<z.input<typeof verifySchema>, VerifyReply>,
  Same<z.input<typeof identifySchema>, IdentifyReply>,
  Same<z.input<typeof sessionListSchema>, SessionListReply>,
  Same<z.input<typeof recordingSchema>, RecordingReply>,
  Same<z.input<typeof recordingListSchema>, RecordingListReply>,
  Same<z.input<typeof errorReplySchema>, ErrorReply>,
  Same<z.input<typeof removedListSchema>, RemovedListReply>,
  Same<z.input<typeof readySchema>, ReadyReply>,
  Same<z.input<typeof notReadySchema>, NotReadyReply>,
];
export type RepliesMatchTypes = Checks extends true[] ? true : never;
true satisfies RepliesMatchTypes;
