import type { z } from 'zod';
import {
  AUDIO_HEADER_BYTES,
  MAX_SKIPPED_SECONDS,
  PROTOCOL_VERSION,
  STREAM_PATH,
  SUBPROTOCOL,
  TICKET_SUBPROTOCOL_PREFIX,
} from '../../protocol/index.js';
import {
  assignSchema,
  endSchema,
  helloSchema,
  nameSchema,
  receivedSchema,
  wordsSchema,
} from '../messages.js';
import {
  ackSchema,
  drainSchema,
  errorSchema,
  eventMessageSchema,
  lagSchema,
  speakersSchema,
  welcomeSchema,
} from '../reply-schemas.js';
import { CALL_MESSAGE_SCHEMAS, missedSchema } from '../telephony/call-messages.js';
import { CALL_RATE_HZ, DIALECTS, PROVIDERS, type ProviderName } from '../telephony/dialect.js';
import { CALL_EVENTS_PATH } from '../telephony/events-route.js';
import { PROVIDER_PATHS } from '../telephony/provider-route.js';
import { schemaOf, type Json } from './json-schema.js';

const clientMessages = {
  hello: helloSchema,
  end: endSchema,
  name: nameSchema,
  assign: assignSchema,
  received: receivedSchema,
  words: wordsSchema,
};
const serverMessages = {
  welcome: welcomeSchema,
  ack: ackSchema,
  event: eventMessageSchema,
  lag: lagSchema,
  speakers: speakersSchema,
  drain: drainSchema,
  error: errorSchema,
};

const callMessages = { ...CALL_MESSAGE_SCHEMAS, missed: missedSchema, error: errorSchema };
const ws = { ws: { method: 'GET', bindingVersion: '0.1.0' } };

/** The streams and the telephone calls, as AsyncAPI 3. */
export function asyncApi(basePath = ''): Json {
  const messages = messagesOf({ ...clientMessages, ...serverMessages });
  const refs = (names: readonly string[], channel = 'stream'): Json[] =>
    names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
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
        address: `${basePath}${STREAM_PATH}`,
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
        bindings: ws,
      },
      ...Object.fromEntries(PROVIDERS.map((provider) => [provider, providerChannel(provider, basePath)])),
      callEvents: {
        address: `${basePath}${CALL_EVENTS_PATH}`,
        parameters: { call: { description: "The provider's id of the call." } },
        description:
          'What is told of a telephone call, beginning after the message that the query has as "after".',
        messages: messagesOf(callMessages),
        bindings: ws,
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
      ...Object.fromEntries(
        PROVIDERS.map((provider) => [
          `from${provider[0]!.toUpperCase()}${provider.slice(1)}`,
          {
            action: 'receive',
            channel: { $ref: `#/channels/${provider}` },
            messages: refs(['message'], provider),
          },
        ]),
      ),
      tellCall: {
        action: 'send',
        channel: { $ref: '#/channels/callEvents' },
        messages: refs(Object.keys(callMessages), 'callEvents'),
      },
    },
  };
}

function messagesOf(schemas: Readonly<Record<string, z.ZodType>>): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { name, contentType: 'application/json', payload: schemaOf(schema) },
    ]),
  );
}

/** The provider's own messages, which its documents describe: here is what is read of them. */
function providerChannel(provider: ProviderName, basePath: string): Json {
  const { sequence, stream, call, format, rate, parameters, encodings } = DIALECTS[provider];
  const objectOf = (...names: string[]): Json => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, true])),
  });
  const formatSchema = {
    type: 'object',
    required: ['encoding', rate],
    properties: { encoding: { enum: Object.keys(encodings) }, [rate]: { const: CALL_RATE_HZ } },
  };
  const start = objectOf(call, 'tracks', parameters);
  return {
    address: `${basePath}${PROVIDER_PATHS[provider]}`,
    description: `Media of a telephone call, as ${provider} sends it. Nothing is sent back.`,
    messages: {
      message: {
        name: 'message',
        contentType: 'application/json',
        payload: {
          type: 'object',
          required: ['event'],
          properties: {
            event: { type: 'string' },
            [sequence]: { type: ['string', 'integer'] },
            [stream]: { type: 'string' },
            start: { ...start, properties: { ...(start['properties'] as Json), [format]: formatSchema } },
            media: objectOf('track', 'timestamp', 'payload'),
            dtmf: objectOf('digit', 'track'),
            mark: objectOf('name'),
          },
        },
      },
    },
    bindings: ws,
  };
}
