import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { MAX_TEXT_CHARACTERS } from '../messages.js';
import { readForm } from './form.js';
import { GrownBytes } from './grown-bytes.js';
import { withStatus } from './http-error.js';

/** As many characters as a text message may have, of up to three bytes. */
const MAX_JSON_BYTES = 3 * MAX_TEXT_CHARACTERS;

/** The whole body, at most `maxBytes`. Rejects as `pieces` does. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = new GrownBytes(maxBytes, declaredBytes(request));
  for await (const piece of pieces(request, maxBytes)) body.push(piece);
  return body.bytes();
}

/** A JSON body. Rejects with `invalid-option` where it is not what `schema` says. */
export async function readJson<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = (await readBody(request, MAX_JSON_BYTES)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WhospeaksError('invalid-option', 'the body is not JSON; send a JSON object');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new WhospeaksError('invalid-option', 'the body is not a JSON object');
  }
  return parseOptions('body', schema, json);
}

/** The recordings of a body: the body itself, or every file of a multipart form. */
export async function readRecordings(request: IncomingMessage, maxBytes: number): Promise<Uint8Array[]> {
  const type = request.headers['content-type'] ?? '';
  if (type.toLowerCase().startsWith('multipart/form-data')) {
    return readForm(pieces(request, maxBytes), type, maxBytes);
  }
  const body = await readBody(request, maxBytes);
  if (body.length === 0) throw new WhospeaksError('audio-empty', 'the body is empty; send a recording in it');
  return [body];
}

/**
 * The body as it comes in. Rejects with `server-limit`, answered with 413, beyond `maxBytes`, and with
 * `protocol-message` where the client goes away before its end.
 */
export async function* pieces(
  request: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  if (declaredBytes(request) > maxBytes) throw tooLarge(maxBytes);
  let bytes = 0;
  // A body that is not read to its end must not take the answer with it.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  try {
    for await (const piece of body) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield piece;
    }
  } catch (error) {
    if (!request.readableAborted) throw error;
    throw new WhospeaksError('protocol-message', 'the request ended before its body did; send it again', {
      cause: error,
    });
  }
}

function declaredBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function tooLarge(maxBytes: number): WhospeaksError {
  return withStatus(
    413,
    new WhospeaksError('server-limit', `the body is too large; at most ${maxBytes} bytes are taken`),
  );
}
