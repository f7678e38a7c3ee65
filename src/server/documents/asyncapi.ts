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

/** The streams, as AsyncAPI 3. */
export function asyncApi(basePath = ''): Json {
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
