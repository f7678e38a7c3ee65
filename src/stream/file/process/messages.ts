import type { ErrorCode } from '../../../errors.js';
import type { AudioChunk } from '../../types.js';
import type { FileFacts } from '../format.js';
import type { DecoderLimits } from './limits.js';

/** What is asked of the decoding process, and what it asked for. */
export type ToDecoder =
  | {
      readonly type: 'open';
      readonly name: string;
      readonly sizeBytes: number | undefined;
      readonly limits: DecoderLimits;
      readonly wanted: Pick<FileFacts, 'channel' | 'audio'>;
    }
  /** The next piece of audio. */
  | { readonly type: 'pull' }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'unreadable'; readonly code: ErrorCode; readonly message: string };

/** What the decoding process wants: bytes; or its answer to a pull. */
export type FromDecoder =
  { readonly type: 'read'; readonly count: number; readonly position: number | null } | Answer;

export type Answer = Pick<FileFacts, 'durationSamples' | 'channels' | 'isMixed'> &
  (
    | { readonly type: 'audio'; readonly chunk: AudioChunk }
    | ({ readonly type: 'end' } & Over)
    | ({
        readonly type: 'fault';
        readonly code: ErrorCode;
        readonly message: string;
        /** The stack of an error without a code. */
        readonly stack: string | undefined;
      } & Over)
  );

interface Over {
  /** False where the process has grown too large to decode another file. */
  readonly reusable: boolean;
}
