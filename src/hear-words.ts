import { z } from 'zod';
import { columnsIn, FeatureColumns } from './clustering/feature-columns.js';
import { columnsBetween } from './clustering/local-speakers.js';
import { normalize } from './native/vectors.js';
import { COLUMN_FRAMES, type MaskEmbedder } from './native/masked-embedder.js';
import { SpeakerModel } from './native/speaker-model.js';
import { parseOptions } from './options.js';
import { placeOf, samePersonLogRatio, stretchPrecision, type Place } from './scoring/two-covariance.js';
import { sourceSchema } from './stream/source-schema.js';
import { withoutHoles } from './stream/without-holes.js';
import { SAMPLE_RATE_HZ, SHIFT_SAMPLES, type AudioSource } from './stream/types.js';
import { doubtfulWords, type WordVoices } from './transcript/words/name-words.js';
import { soloStretches } from './transcript/words/solo-stretches.js';
import type { TranscriptSegment } from './transcript/segment.js';
import type { Word } from './transcript/words/word.js';
import { addScaled, unit } from './vectors.js';

/** Beside a word, and at the least about its middle, seconds: fewer frames are no voice. */
const BESIDE_SECONDS = 0.1;
const LEAST_SECONDS = 0.5;
/** Of a longer word its middle: no span is longer. */
const MOST_SECONDS = 3;
const MOST_COLUMNS = Math.ceil((MOST_SECONDS * SAMPLE_RATE_HZ) / (COLUMN_FRAMES * SHIFT_SAMPLES)) + 1;
/** Columns that are computed together, 10 s of sound. */
const CHUNK_COLUMNS = 125;
const CHUNK_SAMPLES = CHUNK_COLUMNS * COLUMN_FRAMES * SHIFT_SAMPLES;

export interface HearWordsOptions {
  readonly signal?: AbortSignal | undefined;
}

const schema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() });
const inputSchema = z.object({
  model: z.custom<SpeakerModel>((value) => value instanceof SpeakerModel, 'expected a SpeakerModel'),
  source: sourceSchema,
});

/** A stretch of sound that is embedded for a word or for a speaker. Columns from, to (exclusive). */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly of: Word | string;
}

/**
 * The sound of a recording's doubtful words, compared with that of its speakers where each talks alone: what `nameWords`
 * decides by where times do not. The recording is read once; memory is bounded but for 1 kB a doubtful word.
 *
 * @param source the recording that `segments` are of
 * Rejects with `invalid-option`, what the source and the network reject with, or the signal's reason.
 */
export async function hearWords(
  model: SpeakerModel,
  source: AudioSource,
  words: readonly Word[],
  segments: readonly TranscriptSegment[],
  options: HearWordsOptions = {},
): Promise<WordVoices> {
  const { signal } = parseOptions('hearWords', schema, options);
  parseOptions('hearWords', inputSchema, { model, source });
  const spans = [
    ...doubtfulWords(words, segments).map(spanOfWord),
    ...soloStretches(segments).map(({ speaker, start, end }) => spanOf(speaker, start, end)),
  ]
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.to - b.to);
  const heard = new HeardSpans();
  const embedder = await model.maskedEmbedder();
  try {
    const columns = new SpanColumns(embedder, spans, heard);
    for await (const samples of withoutHoles(source)) {
      signal?.throwIfAborted();
      await columns.push(samples);
    }
    await columns.end();
  } finally {
    embedder.close();
  }
  return heard;
}

function spanOf(of: Span['of'], start: number, end: number): Span {
  const { from, to } = columnsBetween(
    Math.max(0, Math.round(start * SAMPLE_RATE_HZ)),
    Math.round(end * SAMPLE_RATE_HZ),
  );
  return { from, to, seconds: end - start, of };
}

function spanOfWord(word: Word): Span {
  const half = Math.max((word.end - word.start) / 2 + BESIDE_SECONDS, LEAST_SECONDS / 2);
  const middle = (word.start + word.end) / 2;
  const within = Math.min(half, MOST_SECONDS / 2);
  return spanOf(word, middle - within, middle + within);
}

/** Sound to columns, of which those of each span are embedded as soon as they are there. */
class SpanColumns {
  readonly #columns: FeatureColumns;
  #pushed = 0;
  /** Columns that are computed, and spans that are embedded. */
  #ready = 0;
  #done = 0;

  /** @param spans in order of their ends */
  constructor(
    private readonly embedder: MaskEmbedder,
    private readonly spans: readonly Span[],
    private readonly heard: HeardSpans,
  ) {
    this.#columns = new FeatureColumns(embedder);
  }

  async push(samples: Float32Array): Promise<void> {
    for (let at = 0; at < samples.length; at += SAMPLE_RATE_HZ) {
      const piece = samples.subarray(at, at + SAMPLE_RATE_HZ);
      this.#columns.push(piece);
      this.#pushed += piece.length;
      const ready = Math.floor(this.#pushed / CHUNK_SAMPLES) * CHUNK_COLUMNS - CHUNK_COLUMNS;
      if (ready > this.#ready) await this.#advance(ready);
    }
  }

  /** No more sound comes. */
  async end(): Promise<void> {
    this.#columns.end();
    await this.#advance(columnsIn(this.#pushed));
  }

  async #advance(ready: number): Promise<void> {
    await this.#columns.advance(ready);
    this.#ready = ready;
    for (; this.#done < this.spans.length && this.spans[this.#done]!.to <= ready; this.#done++) {
      const { from, to, seconds, of } = this.spans[this.#done]!;
      const mask = new Float32Array(to - from).fill(1);
      const [embedding] = await this.embedder.pool(this.#columns.slice(from, to), [mask]);
      this.heard.add(of, normalize(embedding!), seconds);
    }
    this.#columns.dropBefore(ready - MOST_COLUMNS);
  }
}

/** What was heard of words and of speakers, as places in the model's space. */
class HeardSpans implements WordVoices {
  readonly #words = new Map<Word, Place>();
  readonly #speakers = new Map<string, { readonly sum: Float32Array; seconds: number }>();
  readonly #places = new Map<string, Place>();

  add(of: Span['of'], embedding: Float32Array, seconds: number): void {
    if (typeof of !== 'string') {
      this.#words.set(of, { mean: placeOf(embedding), precision: stretchPrecision(seconds) });
      return;
    }
    const speaker = this.#speakers.get(of) ?? { sum: new Float32Array(embedding.length), seconds: 0 };
    addScaled(speaker.sum, embedding, seconds);
    speaker.seconds += seconds;
    this.#speakers.set(of, speaker);
  }

  /** Against a voice that is nobody's here, which is what a speaker who never talks alone is taken for. */
  logLikelihood(word: Word, speaker: string): number {
    const heard = this.#words.get(word);
    const place = this.#placeOf(speaker);
    return heard === undefined || place === undefined ? 0 : samePersonLogRatio(place, heard);
  }

  #placeOf(speaker: string): Place | undefined {
    const heard = this.#speakers.get(speaker);
    if (heard === undefined) return undefined;
    const place = this.#places.get(speaker) ?? {
      mean: placeOf(unit(heard.sum)),
      precision: stretchPrecision(heard.seconds),
    };
    this.#places.set(speaker, place);
    return place;
  }
}
