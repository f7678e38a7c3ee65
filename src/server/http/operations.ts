import { z } from 'zod';
import { countFields, withCountRules } from '../../clustering/speaker-count.js';
import { audioSchema } from '../../stream/format.js';
import { assignSchema, looseStreamWordsSchema, nameSchema, streamWordsSchema } from '../messages.js';
import {
  enrolmentSchema,
  identifySchema,
  nameReplySchema,
  notReadySchema,
  recordingListSchema,
  recordingSchema,
  readySchema,
  removedListSchema,
  sessionListSchema,
  speakerListSchema,
  speakerSchema,
  ticketSchema,
  verifySchema,
} from '../reply-schemas.js';
import { ANY_FORMATS } from '../../transcript/formats/index.js';
import { callListSchema } from '../telephony/call-messages.js';
import type { OpenRoute, Route } from './exchange.js';

/** What the HTTP interface offers at one path and method: the route and its OpenAPI description follow from it. */
export interface Operation {
  readonly method: Route['method'];
  /** As OpenAPI writes it: `/v1/speakers/{name}`. */
  readonly path: string;
  readonly summary: string;
  /** Asked for without a token. */
  readonly access?: OpenRoute['access'];
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  /** JSON of this schema, one recording as it is or by its address, or recordings: one as the body, or several as a form. */
  readonly body?: z.ZodType | 'recording' | 'recordings';
  /** By status; every other answer is an error. A `string` is sent as text. */
  readonly replies: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType }>>;
}

/** What is done where there is a speaker of the name: the first is the default, for nothing is replaced unasked. */
export const EXISTING = ['refuse', 'replace', 'append'] as const;
export const renameSchema = z.strictObject({ name: z.string() });
/** What a query may say of a recording. */
export const sendRecordingQuery = withCountRules(
  z.strictObject({ ...countFields, audio: audioSchema.optional() }),
);
/** In place of the recording itself: where the server is to fetch it, if its operator allows that. */
export const recordingUrlSchema = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2048) });
export const foundNameSchema = z.strictObject({
  label: z.string().min(1).max(64),
  speaker: z.string().min(1).max(256),
  learn: z.boolean().default(false),
});
export const nameRequestSchema = nameSchema.omit({ type: true });
export const assignRequestSchema = assignSchema.omit({ type: true, turn: true });
export const wordsRequestSchema = looseStreamWordsSchema;

const rate = { falseAcceptRate: z.coerce.number().gt(0).lt(1).optional() };
export const verifyQuery = z.strictObject({
  ...rate,
  speaker: z.string().optional(),
  prior: z.coerce.number().gt(0).lt(1).optional(),
});
export const identifyQuery = z.strictObject({
  ...rate,
  count: z.coerce.number().int().min(1).max(1000).optional(),
});

/** Every one that there is; the page's files and the descriptions themselves are beside it. */
export const OPERATIONS = {
  issueTicket: {
    method: 'POST',
    path: '/v1/tickets',
    summary: 'A ticket for one WebSocket of a browser',
    replies: { 201: { description: 'The ticket.', schema: ticketSchema } },
  },
  listSpeakers: {
    method: 'GET',
    path: '/v1/speakers',
    summary: "The group's speakers",
    replies: { 200: { description: 'All of them.', schema: speakerListSchema } },
  },
  getSpeaker: {
    method: 'GET',
    path: '/v1/speakers/{name}',
    summary: 'One speaker',
    replies: { 200: { description: 'The speaker.', schema: speakerSchema } },
  },
  enrolSpeaker: {
    method: 'PUT',
    path: '/v1/speakers/{name}',
    summary: 'Enrol a speaker from recordings, or replace one or add to one (existing)',
    query: { dryRun: z.boolean(), existing: z.enum(EXISTING) },
    headers: { 'If-None-Match': z.literal('*') },
    body: 'recordings',
    replies: {
      200: { description: 'Replaced or added to, or a dry run.', schema: enrolmentSchema },
      201: { description: 'Enrolled.', schema: enrolmentSchema },
    },
  },
  renameSpeaker: {
    method: 'PATCH',
    path: '/v1/speakers/{name}',
    summary: 'Rename a speaker',
    body: renameSchema,
    replies: { 200: { description: 'The speaker under its new name.', schema: speakerSchema } },
  },
  removeSpeaker: {
    method: 'DELETE',
    path: '/v1/speakers/{name}',
    summary: 'Remove a speaker from every stream; it can be restored, unless erased',
    query: { erase: z.boolean() },
    replies: { 204: { description: 'Gone.' } },
  },
  listRemoved: {
    method: 'GET',
    path: '/v1/removed-speakers',
    summary: "The group's speakers that can be restored",
    replies: { 200: { description: 'The last removed first.', schema: removedListSchema } },
  },
  restoreSpeaker: {
    method: 'POST',
    path: '/v1/removed-speakers/{name}/restore',
    summary: 'Bring back the speaker of this name that was removed last',
    replies: { 200: { description: 'The speaker.', schema: speakerSchema } },
  },
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    summary: "The group's streams",
    replies: { 200: { description: 'Those that run.', schema: sessionListSchema } },
  },
  nameVoice: {
    method: 'POST',
    path: '/v1/sessions/{session}/names',
    summary: 'Say whose an unknown voice of a stream is',
    body: nameRequestSchema,
    replies: { 200: { description: 'Named.', schema: nameReplySchema } },
  },
  assignTurn: {
    method: 'PATCH',
    path: '/v1/sessions/{session}/turns/{turn}',
    summary: 'Say whose a turn of a stream was',
    body: assignRequestSchema,
    replies: { 204: { description: 'Told to the stream.' } },
  },
  listCalls: {
    method: 'GET',
    path: '/v1/telephony/calls',
    summary: "The group's telephone calls; their events are a WebSocket (asyncapi.json)",
    replies: { 200: { description: 'Those that run or were over a moment ago.', schema: callListSchema } },
  },
  tellWords: {
    method: 'POST',
    path: '/v1/sessions/{session}/words',
    summary: 'Words of a recogniser for a stream that asked for them; its client is told them under names',
    body: streamWordsSchema,
    replies: { 204: { description: 'Taken.' } },
  },
  verifyVoices: {
    method: 'POST',
    path: '/v1/verify',
    summary: 'Is it one person in two recordings, or a speaker in one? Nothing is kept',
    query: verifyQuery.shape,
    body: 'recordings',
    replies: {
      200: { description: 'The answer; null where there is too little speech.', schema: verifySchema },
    },
  },
  identifyVoice: {
    method: 'POST',
    path: '/v1/identify',
    summary: "Whose voice, of the group's speakers, is in a recording? Nothing is kept",
    query: identifyQuery.shape,
    body: 'recordings',
    replies: { 200: { description: 'The likeliest first.', schema: identifySchema } },
  },
  sendRecording: {
    method: 'POST',
    path: '/v1/recordings',
    summary: 'Send a whole recording, to learn who spoke when; with a transcript, who said what',
    query: sendRecordingQuery.shape,
    body: 'recording',
    replies: { 202: { description: 'Taken; its path is in Location.', schema: recordingSchema } },
  },
  listRecordings: {
    method: 'GET',
    path: '/v1/recordings',
    summary: "The group's recordings",
    replies: {
      200: { description: 'The oldest first, without what came of them.', schema: recordingListSchema },
    },
  },
  getRecording: {
    method: 'GET',
    path: '/v1/recordings/{recording}',
    summary: 'How far a recording is, and what came of it',
    replies: { 200: { description: 'The recording.', schema: recordingSchema } },
  },
  getTranscript: {
    method: 'GET',
    path: '/v1/recordings/{recording}/transcript',
    summary: 'Who spoke when, or with a transcript who said what, as a file',
    query: { format: z.enum(ANY_FORMATS) },
    replies: { 200: { description: 'In the format that was asked for, default txt.', schema: z.string() } },
  },
  nameFound: {
    method: 'POST',
    path: '/v1/recordings/{recording}/names',
    summary: 'Say whose an unknown voice of a recording is',
    body: foundNameSchema,
    replies: { 200: { description: 'Named.', schema: nameReplySchema } },
  },
  removeRecording: {
    method: 'DELETE',
    path: '/v1/recordings/{recording}',
    summary: 'Stop a recording and delete what came of it',
    replies: { 204: { description: 'Gone.' } },
  },
  isAlive: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process lives',
    access: 'probe',
    replies: { 200: { description: 'It does.' } },
  },
  isReady: {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether it takes streams',
    access: 'probe',
    replies: {
      200: { description: 'It does.', schema: readySchema },
      503: { description: 'It starts or shuts down.', schema: notReadySchema },
    },
  },
  readMetrics: {
    method: 'GET',
    path: '/metrics',
    summary: "Prometheus text: the group's own, or for an operator all",
    replies: { 200: { description: 'Metrics.', schema: z.string() } },
  },
} as const satisfies Record<string, Operation>;

type Operations = typeof OPERATIONS;
type OpenName = {
  [Name in keyof Operations]: Operations[Name] extends { access: string } ? Name : never;
}[keyof Operations];

/** A handler for every operation that takes a token, and for every open one: the compiler asks for all of them. */
export type TokenHandlers = Readonly<Record<Exclude<keyof Operations, OpenName>, Route['handle']>>;
export type OpenHandlers = Readonly<Record<OpenName, OpenRoute['handle']>>;

export function tokenRoutes(handlers: TokenHandlers): Route[] {
  return Object.entries(handlers).map(([name, handle]) => {
    const { method, path } = OPERATIONS[name as keyof TokenHandlers];
    return { method, path: pattern(path), handle };
  });
}

export function openRoutes(handlers: OpenHandlers): OpenRoute[] {
  return Object.entries(handlers).map(([name, handle]) => {
    const { method, path, access } = OPERATIONS[name as keyof OpenHandlers];
    return { method, path: pattern(path), access, handle };
  });
}

/** A path as the router has it: `/v1/speakers/:`. */
function pattern(path: string): string {
  return path.replace(/\{\w+\}/g, ':');
}
