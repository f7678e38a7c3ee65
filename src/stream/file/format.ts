import type { SoundBlock } from '../condition.js';
import type { Channels } from '../down-mix.js';
import type { SourceParts } from '../source.js';
import type { ByteReader } from './byte-reader.js';

/** What a decoder learns about the file while it reads, and which channel is wanted of it. */
export interface FileFacts extends Channels {
  /** Length at 16 kHz as the container tells it; for progress only. */
  durationSamples?: number | undefined;
}

/** What a source tells of them. */
export function factsOf(facts: FileFacts): Pick<SourceParts, 'durationSamples' | 'channels' | 'isMixed'> {
  return {
    durationSamples: () => facts.durationSamples,
    channels: () => facts.channels,
    isMixed: () => facts.isMixed,
  };
}

/** Decodes one format. What could be decoded is yielded before a fault is thrown. */
export type FileDecoder = (
  reader: ByteReader,
  facts: FileFacts,
) => AsyncGenerator<SoundBlock, void, undefined>;
