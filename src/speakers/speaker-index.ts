import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import type { NativeVectorIndex } from '../native/addon.js';
import { loadAddon } from '../native/load-addon.js';
import { parseOptions } from '../options.js';
import { assertSameModel, type ModelIdentity, type Profile } from './profile.js';
import { nameKey, storedName } from './speaker-name.js';

const schema = z.strictObject({
  model: z.custom<ModelIdentity>((value) => typeof value === 'object' && value !== null),
  dimension: z.int().min(1).max(65_536),
});

export interface SpeakerIndexOptions {
  /** The network that made the profiles; those of another are refused. */
  model: ModelIdentity;
  /** Numbers in an embedding: `SpeakerModel.dimension`. */
  dimension: number;
}

export interface SpeakerMatch {
  readonly speaker: string;
  /** Cosine with the speaker's centroid, -1 to 1. */
  readonly score: number;
}

/**
 * Who, of very many enrolled speakers, has the voice of an embedding? Up to 10,000 speakers each is compared;
 * beyond, a filter on 256-bit codes chooses candidates, which are compared exactly, so a score is always
 * the true cosine, and what may be missed is a speaker, seldom (`npm run bench` prints how seldom). A speaker may
 * be added or removed at any time; nothing is trained or rebuilt by hand. Takes 1.1 KB a speaker.
 */
export class SpeakerIndex {
  readonly #model: ModelIdentity;
  readonly #dimension: number;
  readonly #native: NativeVectorIndex;
  /** Speaker of each slot, and back. */
  readonly #names: string[] = [];
  readonly #slots = new Map<string, number>();

  /** @throws {WhospeaksError} `invalid-option` or `addon-missing` */
  constructor(options: SpeakerIndexOptions) {
    const { model, dimension } = parseOptions('SpeakerIndex', schema, options);
    this.#model = model;
    this.#dimension = dimension;
    this.#native = loadAddon().createVectorIndex(dimension);
  }

  /** Speakers in the index. */
  get size(): number {
    return this.#names.length;
  }

  /**
   * Enrol speakers, all or none of them; 100,000 at once take about a second.
   *
   * @throws {WhospeaksError} `model-mismatch` for a profile of another network, `speaker-exists` for a name
   * that is taken.
   */
  add(profiles: readonly Pick<Profile, 'name' | 'model' | 'centroid'>[]): void {
    assertSameModel(this.#model, profiles as readonly Profile[]);
    const keys = profiles.map(({ name }) => nameKey(storedName(name)));
    const fresh = new Set<string>();
    for (const [i, key] of keys.entries()) {
      if (this.#slots.has(key) || fresh.has(key)) {
        throw new WhospeaksError(
          'speaker-exists',
          `the index already has a speaker "${profiles[i]!.name}"; remove it first, or use another name`,
        );
      }
      fresh.add(key);
    }
    const vectors = new Float32Array(profiles.length * this.#dimension);
    for (const [i, { centroid }] of profiles.entries()) {
      vectors.set(this.#checked(centroid), i * this.#dimension);
    }
    this.#native.add(vectors);
    for (const [i, { name }] of profiles.entries()) {
      this.#slots.set(keys[i]!, this.#names.length);
      this.#names.push(name);
    }
  }

  /** Forget a speaker; false where there is none of that name. */
  remove(name: string): boolean {
    const slot = this.#slots.get(nameKey(name));
    if (slot === undefined) return false;
    this.#native.remove(slot);
    const last = this.#names.pop()!;
    if (slot < this.#names.length) {
      this.#names[slot] = last;
      this.#slots.set(nameKey(last), slot);
    }
    this.#slots.delete(nameKey(name));
    return true;
  }

  /**
   * The `count` speakers nearest to a unit embedding, nearest first. It is for the caller to say which score is
   * enough: somebody is always nearest.
   *
   * @throws {WhospeaksError} `model-mismatch` where the embedding has another size, `invalid-option` for a count below 1.
   */
  candidates(embedding: Float32Array, count = 1): SpeakerMatch[] {
    if (!Number.isInteger(count) || count < 1) {
      throw new WhospeaksError(
        'invalid-option',
        `SpeakerIndex.candidates: count: expected an integer of at least 1, received ${count}`,
      );
    }
    // A copy: the addon takes no memory that another thread may change.
    const query = new Float32Array(this.#checked(embedding));
    const { slots, scores } = this.#native.search(query, count, 0);
    return Array.from(slots, (slot, i) => ({ speaker: this.#names[slot]!, score: scores[i]! }));
  }

  #checked(embedding: Float32Array): Float32Array {
    if (embedding.length === this.#dimension && embedding.every(Number.isFinite)) return embedding;
    throw new WhospeaksError(
      'model-mismatch',
      `the index takes embeddings of ${this.#dimension} finite numbers, not ${embedding.length}; make them with model "${this.#model.name}"`,
    );
  }
}
