import { z } from 'zod';
import {
  AUDIO_HEADER_BYTES,
  MAX_SKIPPED_SECONDS,
  PROTOCOL_VERSION,
  STREAM_PATH,
  SUBPROTOCOL,
  TICKET_SUBPROTOCOL_PREFIX,
} from '../protocol/index.js';
import { nameRequestSchema, renameSchema } from './http/speaker-routes.js';
import { endSchema, helloSchema, nameSchema, receivedSchema } from './messages.js';
import {
  ackSchema,
  drainSchema,
  enrolmentSchema,
  errorReplySchema,
  errorSchema,
  eventMessageSchema,
  lagSchema,
  nameReplySchema,
  sessionListSchema,
  speakerListSchema,
  speakerSchema,
  speakersSchema,
  ticketSchema,
  welcomeSchema,
} from './reply-schemas.js';

type Json = Readonly<Record<string, unknown>>;

/** The descriptions that the server hands out, by path. `docs/openapi.json` and `docs/asyncapi.json` are the same. */
export function apiDocuments(): Readonly<Record<string, unknown>> {
  return { '/v1/openapi.json': openApi(), '/v1/asyncapi.json': asyncApi() };
}

function schemaOf(schema: z.ZodType): Json {
  return Object.fromEntries(
    Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema'),
  );
}

const clientMessages = { hello: helloSchema, end: endSchema, name: nameSchema, received: receivedSchema };
const serverMessages = {
  welcome: welcomeSchema,
  ack: ackSchema,
  event: eventMessageSchema,
  lag: lagSchema,
  speakers: speakersSchema,
  drain: drainSchema,
  error: errorSchema,
};

export function asyncApi(): Json {
  const messages = Object.fromEntries(
    Object.entries({ ...clientMessages, ...serverMessages }).map(([name, schema]) => [
      name,
      { name, contentType: 'application/json', payload: schemaOf(schema) },
    ]),
  );
  const refs = (names: readonly string[]): Json[] =>
    names.map((name) => ({ $ref: `#/channels/stream/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'whospeaks',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: 'Audio in, who is speaking out. docs/protocol.md has the words to this.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: STREAM_PATH,
        description:
          `WebSocket with the subprotocol ${SUBPROTOCOL}; a browser offers its ticket as a second one, ` +
          `${TICKET_SUBPROTOCOL_PREFIX}TICKET.`,
        messages: {
          ...messages,
          audio: {
            name: 'audio',
            contentType: 'application/octet-stream',
            description:
              `Binary, ${AUDIO_HEADER_BYTES} bytes of header and then interleaved samples: sequence number ` +
              `(uint32, little-endian), skipped frames (uint32, little-endian; at most ${MAX_SKIPPED_SECONDS} s of them).`,
            payload: { type: 'string', format: 'binary', minLength: AUDIO_HEADER_BYTES + 1 },
          },
        },
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      fromClient: {
        action: 'receive',
        channel: { $ref: '#/channels/stream' },
        messages: refs([...Object.keys(clientMessages), 'audio']),
      },
      fromServer: {
        action: 'send',
        channel: { $ref: '#/channels/stream' },
        messages: refs(Object.keys(serverMessages)),
      },
    },
  };
}

export function openApi(): Json {
  const error = { description: 'An error, with a stable code.', ...content(errorReplySchema) };
  const ok = (description: string, schema: z.ZodType): Json => ({ description, ...content(schema) });
  const operation = (summary: string, responses: Json, more: Json = {}): Json => ({
    summary,
    ...more,
    responses: { ...responses, default: error },
  });
  const open = { security: [] };
  const part = (name: string): Json => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const audio = {
    'audio/*': { schema: { type: 'string', format: 'binary' } },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'multipart/form-data': {
      schema: {
        type: 'object',
        additionalProperties: { type: 'string', format: 'binary' },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'whospeaks',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: 'Speakers over HTTP; the streams are in asyncapi.json.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: {
      '/v1/tickets': {
        post: operation('A ticket for one WebSocket of a browser', { 201: ok('The ticket.', ticketSchema) }),
      },
      '/v1/speakers': {
        get: operation("The group's speakers", { 200: ok('All of them.', speakerListSchema) }),
      },
      '/v1/speakers/{name}': {
        parameters: [part('name')],
        get: operation('One speaker', { 200: ok('The speaker.', speakerSchema) }),
        put: operation(
          'Enrol a speaker from recordings, or enrol anew',
          { 200: ok('Enrolled anew, or a dry run.', enrolmentSchema), 201: ok('Enrolled.', enrolmentSchema) },
          {
            parameters: [
              { name: 'dryRun', in: 'query', schema: { type: 'boolean' } },
              { name: 'If-None-Match', in: 'header', schema: { const: '*' } },
            ],
            requestBody: { required: true, content: audio },
          },
        ),
        patch: operation(
          'Rename a speaker',
          { 200: ok('The speaker under its new name.', speakerSchema) },
          { requestBody: { required: true, ...content(renameSchema) } },
        ),
        delete: operation('Delete a speaker from disk and from every stream', {
          204: { description: 'Gone.' },
        }),
      },
      '/v1/sessions': {
        get: operation("The group's streams", { 200: ok('Those that run.', sessionListSchema) }),
      },
      '/v1/sessions/{session}/names': {
        parameters: [part('session')],
        post: operation(
          'Name an unknown voice of a stream',
          { 200: ok('Named.', nameReplySchema) },
          { requestBody: { required: true, ...content(nameRequestSchema) } },
        ),
      },
      '/healthz': { get: operation('Whether the process lives', { 200: { description: 'It does.' } }, open) },
      '/readyz': {
        get: operation(
          'Whether it takes streams',
          { 200: { description: 'It does.' }, 503: { description: 'It shuts down.' } },
          open,
        ),
      },
      '/metrics': {
        get: operation("Prometheus text: the group's own, or for an operator all", {
          200: { description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        }),
      },
    },
  };
}

function content(schema: z.ZodType): Json {
  return { content: { 'application/json': { schema: schemaOf(schema) } } };
}
