import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { withStatus } from './http-error.js';

const MAX_JSON_BYTES = 16 * 1024;
const FIRST_BYTES = 16 * 1024;
/** Recordings of one form. */
const MAX_RECORDINGS = 32;

/** The whole body, at most `maxBytes`. Rejects with `server-limit`, answered with 413, beyond it. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  // Copied into one buffer that grows: kept as they came, pieces of a byte each would hold a thousand times their size.
  let body = Buffer.alloc(Math.max(FIRST_BYTES, declared));
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    if (bytes + piece.length > maxBytes) throw tooLarge(maxBytes);
    if (bytes + piece.length > body.length) {
      const larger = Buffer.alloc(Math.min(maxBytes, Math.max(bytes + piece.length, 2 * body.length)));
      body.copy(larger, 0, 0, bytes);
      body = larger;
    }
    piece.copy(body, bytes);
    bytes += piece.length;
  }
  return body.subarray(0, bytes);
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
  assertFewParts(body, type);
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (error) {
    throw new WhospeaksError('invalid-option', 'the body is not a multipart form; check its boundary', {
      cause: error,
    });
  }
}

/** Counted before they are parsed: each part costs far more than the bytes that it takes to send. */
function assertFewParts(body: Buffer, type: string): void {
  const boundary = /;\s*boundary="?([^";]+)/i.exec(type)?.[1];
  if (boundary === undefined) return;
  let parts = 0;
  for (let at = body.indexOf(boundary); at >= 0; at = body.indexOf(boundary, at + boundary.length)) {
    parts += 1;
    // One more than there are parts: the form ends with one.
    if (parts <= MAX_RECORDINGS + 1) continue;
    throw withStatus(
      413,
      new WhospeaksError('server-limit', `the form has too many parts; at most ${MAX_RECORDINGS} are taken`),
    );
  }
}

function tooLarge(maxBytes: number): WhospeaksError {
  return withStatus(
    413,
    new WhospeaksError('server-limit', `the body is too large; at most ${maxBytes} bytes are taken`),
  );
}
