import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { GrownBytes } from './grown-bytes.js';
import { withStatus } from './http-error.js';

/** Parts of one form, whatever they are. */
const MAX_PARTS = 32;
const LIMITS = { parts: MAX_PARTS, fieldSize: 4096, headerPairs: 32, headerSize: 16 * 1024 };

/**
 * The files of a multipart form, parsed as it comes in, so that one with too many parts is refused at the first of
 * them. Rejects with `server-limit`, answered with 413, there; with `invalid-option` where it is no form, and with
 * `audio-empty` where there is no file in it.
 */
export async function readForm(
  body: AsyncIterable<Buffer>,
  contentType: string,
  maxBytes: number,
): Promise<Uint8Array[]> {
  const files: GrownBytes[] = [];
  await parseForm(body, contentType, async (_, file) => {
    const bytes = new GrownBytes(maxBytes);
    files.push(bytes);
    for await (const piece of file as AsyncIterable<Buffer>) bytes.push(piece);
  });
  if (files.length === 0) {
    throw new WhospeaksError('audio-empty', 'the form has no file; send each recording as a file of it');
  }
  return files.map((file) => file.bytes());
}

/**
 * The files of a form, one after the other: each is given to `onFile` as it comes in, and read by it to its end. Rejects as
 * `readForm`, and with the first error that `onFile` throws or rejects with.
 */
export async function parseForm(
  body: AsyncIterable<Buffer>,
  contentType: string,
  onFile: (name: string, file: Readable) => Promise<unknown>,
): Promise<void> {
  const faults: unknown[] = [];
  const read: Promise<unknown>[] = [];
  const files: Readable[] = [];
  const parser = makeParser(contentType);
  parser.on('error', (error) => {
    faults.push(notAForm(error));
  });
  parser.on('partsLimit', () => {
    faults.push(tooManyParts());
  });
  let onFault = (): void => undefined;
  const hasFailed = new Promise<void>((resolve) => (onFault = resolve));
  parser.on('file', (name, file) => {
    // Read by an iterator, which tells errors itself; without a listener, one that comes before would end the process.
    file.on('error', () => undefined);
    files.push(file);
    const reading = (async () => onFile(name, file))().catch((error: unknown) => {
      faults.push(isWhospeaksError(error) || !file.errored ? error : notAForm(error));
      onFault();
    });
    read.push(reading);
  });
  // Or failed, which is told above.
  const finished = once(parser, 'finish').catch(() => undefined);
  try {
    for await (const piece of body) {
      const taken = new Promise<void>((resolve) => {
        parser.write(piece, () => {
          resolve();
        });
      });
      await Promise.race([taken, finished, hasFailed]);
      if (faults.length > 0) throw faults[0];
    }
    parser.end();
    await Promise.race([finished, hasFailed]);
    if (faults.length === 0) await Promise.all(read);
    if (faults.length > 0) throw faults[0];
  } catch (error) {
    // Nothing more comes of them: who reads one would wait for ever, and keep what it has.
    for (const file of files) file.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
}

function makeParser(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
  } catch (error) {
    throw notAForm(error);
  }
}

function notAForm(cause: unknown): WhospeaksError {
  return new WhospeaksError('invalid-option', 'the body is not a multipart form; check its boundary', {
    cause,
  });
}

function tooManyParts(): WhospeaksError {
  return withStatus(
    413,
    new WhospeaksError('server-limit', `the form has too many parts; at most ${MAX_PARTS} are taken`),
  );
}
