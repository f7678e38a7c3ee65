import type { Readable } from 'node:stream';
import { WhospeaksError } from '../../errors.js';
import { spool, type Spooled } from '../recordings/spool.js';
import { parseForm } from './form.js';
import { GrownBytes } from './grown-bytes.js';
import { withStatus } from './http-error.js';

/** Bytes of a recogniser's transcript: some hours, however much the recogniser tells of each word. */
export const MAX_TRANSCRIPT_BYTES = 16 * 1024 * 1024;

/**
 * A form with a recording, and perhaps a file called `transcript`; both are kept on disk. Rejects as `readForm` and `spool` do,
 * with `invalid-option` where there is another file, and with `server-limit`, answered with 413, for a larger transcript.
 */
export async function spoolForm(body: AsyncIterable<Buffer>, contentType: string): Promise<Spooled> {
  let recording: Promise<Spooled> | undefined;
  let transcript: Promise<Spooled> | undefined;
  try {
    await parseForm(body, contentType, (name, file) => {
      if (name === 'transcript') {
        if (transcript !== undefined) throw another('transcript');
        return (transcript = spoolTranscript(file));
      }
      if (recording !== undefined) throw another('recording');
      return (recording = spool(file));
    });
    if (recording === undefined) {
      throw new WhospeaksError(
        'audio-empty',
        'the form has no recording; send it as a file beside "transcript"',
      );
    }
    return { ...(await recording), transcript: await transcript };
  } catch (error) {
    for (const spooled of [recording, transcript]) {
      spooled?.then(({ handle }) => handle.close()).catch(() => undefined);
    }
    throw error;
  }
}

async function spoolTranscript(file: Readable): Promise<Spooled> {
  const text = new GrownBytes(MAX_TRANSCRIPT_BYTES);
  let bytes = 0;
  for await (const piece of file as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_TRANSCRIPT_BYTES) {
      const why = `the transcript is too large; at most ${MAX_TRANSCRIPT_BYTES} bytes are taken`;
      throw withStatus(413, new WhospeaksError('server-limit', why));
    }
    text.push(piece);
  }
  if (bytes === 0) throw new WhospeaksError('transcript-format', 'the transcript is empty');
  return spool([text.bytes()]);
}

function another(what: string): WhospeaksError {
  return new WhospeaksError('invalid-option', `the form has two files for the ${what}; send one`);
}
