import { WhospeaksError } from '../errors.js';
import type { AudioChunk, AudioSource } from './types.js';

/** What a source is made of. `open` is called once, at the first pull. */
export interface SourceParts {
  readonly live: boolean;
  readonly durationSamples?: () => number | undefined;
  readonly channels?: () => number | undefined;
  readonly isMixed?: () => boolean | undefined;
  readonly open: () => AsyncGenerator<AudioChunk, void, undefined>;
}

/** An AudioSource that can be read once; a second reading fails with `source-closed`. */
export function createSource({ live, durationSamples, channels, isMixed, open }: SourceParts): AudioSource {
  let opened = false;
  return {
    live,
    get durationSamples() {
      return durationSamples?.();
    },
    get channels() {
      return channels?.();
    },
    get isMixed() {
      return isMixed?.();
    },
    [Symbol.asyncIterator]() {
      if (opened) {
        throw new WhospeaksError('source-closed', 'an audio source can be read only once; make a new one');
      }
      opened = true;
      return open();
    },
  };
}
