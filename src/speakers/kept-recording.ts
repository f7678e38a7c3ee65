import { encodeFlac } from '../stream/file/flac-encode.js';
import { SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from '../stream/types.js';
import type { KeptRecording } from './store/speaker-store.js';

/** Sound that is kept of one speaker; an enrolment gains nothing from more. */
export const MAX_KEPT_SECONDS = 600;

const DAY_MS = 24 * 3600 * 1000;

/** Sources that remember what was read of them, to be kept with the profile that is made of it. */
export class RecordingKeeper {
  readonly #heard: AudioChunk[][] = [];
  #leftSamples = MAX_KEPT_SECONDS * SAMPLE_RATE_HZ;

  /** The same sound; it is read once. */
  keep(source: AudioSource): AudioSource {
    const heard: AudioChunk[] = [];
    this.#heard.push(heard);
    const take = (chunk: AudioChunk): void => {
      const samples = chunk.samples.slice(0, this.#leftSamples);
      this.#leftSamples -= samples.length;
      if (samples.length > 0) heard.push({ ...chunk, samples });
    };
    async function* read(): AsyncGenerator<AudioChunk, void, undefined> {
      for await (const chunk of source) {
        take(chunk);
        yield chunk;
      }
    }
    return { live: source.live, durationSamples: source.durationSamples, [Symbol.asyncIterator]: read };
  }

  /** What was heard, a FLAC file for each source; gaps are left out. @param days how long to keep it; default for ever */
  async recordings(days?: number): Promise<KeptRecording[]> {
    const until = days === undefined ? {} : { until: new Date(Date.now() + days * DAY_MS).toISOString() };
    const kept: KeptRecording[] = [];
    for (const heard of this.#heard)
      if (heard.length > 0) kept.push({ bytes: await encodeFlac(joined(heard)), ...until });
    return kept;
  }
}

function joined(chunks: readonly AudioChunk[]): Float32Array {
  const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk.samples, at);
    at += chunk.samples.length;
  }
  return samples;
}
