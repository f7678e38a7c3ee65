import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { withStatus } from './http-error.js';

const MAX_JSON_BYTES = 16 * 1024;

/** The whole body, at most `maxBytes`. Rejects with `server-limit`, answered with 413, beyond it. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
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

/** The recordings of a body: the body itself, or every part of a multipart form. */
export async function readRecordings(request: IncomingMessage, maxBytes: number): Promise<Uint8Array[]> {
  const body = await readBody(request, maxBytes);
  const type = request.headers['content-type'] ?? '';
  if (!type.toLowerCase().startsWith('multipart/form-data')) {
    if (body.length === 0)
      throw new WhospeaksError('audio-empty', 'the body is empty; send a recording in it');
    return [body];
  }
  const recordings: Uint8Array[] = [];
  for (const [, value] of (await form(body, type)).entries()) {
    if (typeof value !== 'string') recordings.push(new Uint8Array(await value.arrayBuffer()));
  }
  if (recordings.length === 0)
    throw new WhospeaksError('audio-empty', 'the form has no file; send one recording or more');
  return recordings;
}

async function form(body: Buffer, type: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (error) {
    throw new WhospeaksError('invalid-option', 'the body is not a multipart form; check its boundary', {
      cause: error,
    });
  }
}

function tooLarge(maxBytes: number): WhospeaksError {
  return withStatus(
    413,
    new WhospeaksError('server-limit', `the body is too large; at most ${maxBytes} bytes are taken`),
  );
}
