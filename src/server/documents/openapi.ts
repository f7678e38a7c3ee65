import { z } from 'zod';
import { PROTOCOL_VERSION } from '../../protocol/index.js';
import { OPERATIONS, recordingUrlSchema, type Operation } from '../http/operations.js';
import { errorReplySchema } from '../reply-schemas.js';
import { webhookSchema } from '../telephony/call-messages.js';
import { schemaOf, type Json } from './json-schema.js';

const error = { description: 'An error, with a stable code.', ...content(errorReplySchema) };
const binary = { schema: { type: 'string', format: 'binary' } };
const recording = { 'audio/*': binary, 'application/octet-stream': binary };
const recordings = {
  ...recording,
  'multipart/form-data': {
    schema: { type: 'object', additionalProperties: { type: 'string', format: 'binary' } },
  },
};

/**
 * The HTTP interface, as OpenAPI 3.1, of the table of operations.
 * @param basePath what all paths lie below; empty for none
 */
export function openApi(basePath = ''): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of Object.values<Operation>(OPERATIONS)) {
    const path = (paths[operation.path] ??= pathItem(operation.path));
    path[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'whospeaks',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: 'Speakers over HTTP; the streams are in asyncapi.json.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
    webhooks: {
      callMessages: {
        post: {
          summary: 'What is told of a telephone call, signed as Standard Webhooks says',
          security: [],
          requestBody: { required: true, ...content(webhookSchema) },
          responses: { '2XX': { description: 'Taken. After any other answer it is sent again.' } },
        },
      },
    },
  };
}

function pathItem(path: string): Record<string, unknown> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  };
}

function describe({ summary, access, query = {}, headers = {}, body, replies }: Operation): Json {
  const parameters = [...parametersIn('query', query), ...parametersIn('header', headers)];
  return {
    summary,
    ...(access === undefined ? {} : { security: [] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...contentOf(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, { description, schema }]) => [
          status,
          { description, ...(schema === undefined ? {} : content(schema)) },
        ]),
      ),
      default: error,
    },
  };
}

function parametersIn(where: 'query' | 'header', schemas: Readonly<Record<string, z.ZodType>>): Json[] {
  return Object.entries(schemas).map(([name, schema]) => ({ name, in: where, schema: schemaOf(schema) }));
}

const withTranscript = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: ['recording'],
      properties: {
        recording: { type: 'string', format: 'binary' },
        transcript: { type: 'string', format: 'binary' },
      },
    },
  },
};

function contentOf(body: NonNullable<Operation['body']>): Json {
  if (body === 'recording') {
    return { content: { ...recording, ...withTranscript, ...content(recordingUrlSchema).content } };
  }
  return body === 'recordings' ? { content: recordings } : content(body);
}

function content(schema: z.ZodType): { content: Json } {
  const type = schema instanceof z.ZodString ? 'text/plain' : 'application/json';
  return { content: { [type]: { schema: schemaOf(schema) } } };
}
