import type { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import { bufferSecondsSchema, pcmFormatSchema } from './format.js';
import { LiveInput, type LiveAudioSource } from './live-input.js';

/** The part of a WebSocket that is used: the browser's and that of the `ws` package fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: (event: object) => void): void;
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  removeEventListener(type: 'close' | 'error', listener: (event: object) => void): void;
  close(): void;
}

const optionsSchema = pcmFormatSchema.extend({ bufferSeconds: bufferSecondsSchema });

/** The format of the messages, and `bufferSeconds` (default 10), how much may wait to be read. */
export type WebSocketAudioOptions = z.input<typeof optionsSchema>;

const CLOSING = 2;

/**
 * Live audio from a WebSocket whose binary messages are raw PCM, mixed or of channels kept apart (`audio`); a message may end anywhere, even inside
 * a sample. Text messages are left alone: they belong to whatever protocol runs beside the audio. The
 * socket is listened to at once. When it closes, the stream ends, its tail kept; when it fails,
 * `source-closed` is thrown after the audio before it. Leaving the source closes the socket.
 */
export function fromWebSocket(socket: WebSocketLike, options: WebSocketAudioOptions): LiveAudioSource {
  const { bufferSeconds, ...format } = parseOptions('fromWebSocket', optionsSchema, options);
  // A Blob would have to be read asynchronously, out of order.
  if (socket.binaryType === 'blob') socket.binaryType = 'arraybuffer';
  const input = new LiveInput(format, bufferSeconds, () => {
    detach();
    if (socket.readyState < CLOSING) socket.close();
  });

  const onMessage = ({ data }: { data: unknown }): void => {
    for (const bytes of toBytes(data)) input.push(bytes);
  };
  const onClose = (): void => {
    detach();
    input.end();
  };
  const onError = (event: object): void => {
    detach();
    const why = 'message' in event && typeof event.message === 'string' ? `: ${event.message}` : '';
    const cause = 'error' in event ? event.error : undefined;
    input.fail(new WhospeaksError('source-closed', `the WebSocket failed${why}; connect again`, { cause }));
  };
  function detach(): void {
    socket.removeEventListener('message', onMessage);
    socket.removeEventListener('close', onClose);
    socket.removeEventListener('error', onError);
  }
  socket.addEventListener('message', onMessage);
  socket.addEventListener('close', onClose);
  socket.addEventListener('error', onError);
  if (socket.readyState > CLOSING) onClose();

  return liveSource(input);
}

/** A live source over its input; can be read once. */
export function liveSource(input: LiveInput): LiveAudioSource {
  let opened = false;
  return {
    live: true,
    get lostSamples() {
      return input.buffer.droppedSamples;
    },
    get channels() {
      return input.facts.channels;
    },
    get isMixed() {
      return input.facts.isMixed;
    },
    [Symbol.asyncIterator]() {
      if (opened)
        throw new WhospeaksError('source-closed', 'an audio source can be read only once; make a new one');
      opened = true;
      return input.buffer;
    },
  };
}

function toBytes(data: unknown): Uint8Array[] {
  if (data instanceof ArrayBuffer) return [new Uint8Array(data)];
  if (ArrayBuffer.isView(data)) return [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  if (Array.isArray(data)) return data.flatMap(toBytes);
  return [];
}
