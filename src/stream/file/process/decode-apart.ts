import { WhospeaksError } from '../../../errors.js';
import type { AudioChunk } from '../../types.js';
import type { ByteSource } from '../byte-source.js';
import type { FileFacts } from '../format.js';
import { Decoder } from './decoder.js';
import { DECODER_LIMITS, type DecoderLimits } from './limits.js';

/** Decoding processes that wait for another recording. */
const MAX_IDLE = 2;
const IDLE_MS = 5000;
const idle = new Set<Decoder>();

/**
 * Decode a recording in a process of its own, piece by piece as they are asked for. Left early, that process is ended. `source` is not closed.
 *
 * @throws WhospeaksError what the decoder throws; `audio-limit` where it takes more than `limits`
 */
export async function* decodeApart(
  source: ByteSource,
  facts: FileFacts,
  limits: DecoderLimits = DECODER_LIMITS,
): AsyncGenerator<AudioChunk, void, undefined> {
  const decoder = take();
  let reusable = false;
  try {
    decoder.open(source, limits, facts);
    for (;;) {
      const answer = await decoder.pull();
      facts.durationSamples = answer.durationSamples;
      facts.channels = answer.channels;
      facts.isMixed = answer.isMixed;
      if (answer.type === 'audio') {
        yield answer.chunk;
        continue;
      }
      ({ reusable } = answer);
      if (answer.type === 'end') return;
      const { code, message, stack } = answer;
      throw new WhospeaksError(code, message, stack === undefined ? {} : { cause: stack });
    }
  } finally {
    if (reusable) keep(decoder);
    else decoder.kill();
  }
}

/** Start a process for the next recording now, where none waits: it is then there once it is asked for. */
export function warmDecoder(): void {
  if (idle.size === 0) keep(new Decoder());
}

function take(): Decoder {
  for (const decoder of idle) {
    idle.delete(decoder);
    if (!decoder.isOver) return decoder;
  }
  return new Decoder();
}

/** For the next recording, which then need not wait for a process to start. */
function keep(decoder: Decoder): void {
  if (idle.size >= MAX_IDLE) {
    decoder.kill();
    return;
  }
  idle.add(decoder);
  setTimeout(() => {
    if (idle.delete(decoder)) decoder.kill();
  }, IDLE_MS).unref();
}
