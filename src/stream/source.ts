import { WhospeaksError } from '../errors.js';
import { cut } from './chunk.js';
import { toAudio } from './condition.js';
import { MAX_KEPT_CHANNELS } from './down-mix.js';
import { SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from './types.js';

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

const PIECE_SECONDS = 1;

/**
 * Samples that are in memory already.
 *
 * @param samples mono, nominal range -1 to 1; or a list, of up to 8 channels that are kept apart, as many samples each
 * @param sampleRateHz their rate, Hz
 * @throws {WhospeaksError} `invalid-option` where the channels are of different lengths, or too many
 */
export function fromSamples(
  samples: Float32Array | readonly Float32Array[],
  sampleRateHz: number = SAMPLE_RATE_HZ,
): AudioSource {
  const planes = samples instanceof Float32Array ? [samples] : samples;
  const length = planes[0]?.length ?? 0;
  if (planes.length > MAX_KEPT_CHANNELS || planes.some((plane) => plane.length !== length)) {
    throw new WhospeaksError(
      'invalid-option',
      `fromSamples: expected at most ${MAX_KEPT_CHANNELS} channels of one length, received ${planes
        .map((plane) => plane.length)
        .join(', ')} samples`,
    );
  }
  // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
  async function* blocks() {
    const piece = Math.max(1, Math.round(sampleRateHz * PIECE_SECONDS));
    for (let at = 0; at < length; at += piece) {
      yield { rateHz: sampleRateHz, planes: planes.map((plane) => plane.slice(at, at + piece)) };
    }
  }
  return createSource({
    live: false,
    durationSamples: () => Math.round((length * SAMPLE_RATE_HZ) / sampleRateHz),
    open: () => toAudio(blocks()),
  });
}

/** Everything a source delivers, in one array (mono, 16 kHz); what a live source lost is left as zeros. */
export async function readAll(source: AudioSource): Promise<Float32Array> {
  const chunks: AudioChunk[] = [];
  let end = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    end = chunk.startSample + chunk.samples.length;
  }
  const all = new Float32Array(end);
  for (const { startSample, samples } of chunks) all.set(samples, startSample);
  return all;
}

/**
 * The same samples, handed out no faster than they would be heard: in pieces of 100 ms, each when its
 * last sample would have been spoken. For showing a recording as if it were live.
 */
export function realTime(source: AudioSource): AudioSource {
  const pieceSamples = SAMPLE_RATE_HZ / 10;
  async function* paced(): AsyncGenerator<AudioChunk, void, undefined> {
    const startMs = performance.now();
    for await (const chunk of source) {
      for (let at = 0; at < chunk.samples.length; at += pieceSamples) {
        const piece = cut(chunk, at, at + pieceSamples);
        const dueMs = startMs + ((piece.startSample + piece.samples.length) * 1000) / SAMPLE_RATE_HZ;
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        yield piece;
      }
    }
  }
  return createSource({
    live: source.live,
    durationSamples: () => source.durationSamples,
    channels: () => source.channels,
    isMixed: () => source.isMixed,
    open: paced,
  });
}
