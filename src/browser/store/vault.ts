import { WhospeaksError } from '../../errors.js';
import type { Database } from './database.js';

const IV_BYTES = 12;
const KEY = 'key';

/** What is kept of a secret. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/**
 * AES-256-GCM with a key that the browser keeps in the database and gives to no script: voiceprints can be read by pages of this
 * origin, in this browser, and by nobody who copies its files without the key in them. A nonce of 96 random bits each time;
 * what a row is called is authenticated with it, so that none can stand in another's place.
 */
export class Vault {
  readonly #database: Database;
  #key: Promise<CryptoKey> | undefined;
  /** Of which of the database's openings the key is. */
  #opening = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async seal(bytes: Uint8Array<ArrayBuffer>, label: string): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    return { iv, data: await subtle().encrypt(algorithm(iv, label), await this.#getKey(), bytes) };
  }

  /** Rejects with an Error where it was sealed with another key or under another label, or is damaged. */
  async open({ iv, data }: Sealed, label: string): Promise<Uint8Array<ArrayBuffer>> {
    const key = await this.#getKey();
    try {
      return new Uint8Array(await subtle().decrypt(algorithm(iv, label), key, data));
    } catch (cause) {
      throw new Error('it is damaged, or was encrypted with a key that is gone', { cause });
    }
  }

  #getKey(): Promise<CryptoKey> {
    // The key goes with the database: what is sealed with one that nobody keeps could never be read again.
    if (this.#opening !== this.#database.openings) this.#key = undefined;
    this.#key ??= this.#makeKey().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #makeKey(): Promise<CryptoKey> {
    const isExtractable = false;
    const made = await subtle().generateKey({ name: 'AES-GCM', length: 256 }, isExtractable, [
      'encrypt',
      'decrypt',
    ]);
    const kept = await this.#database.keep(KEY, made);
    this.#opening = this.#database.openings;
    return kept;
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, label: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(label) };
}

function subtle(): SubtleCrypto {
  // In an insecure page the property is absent, whatever its type says.
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (subtle !== undefined) return subtle;
  throw new WhospeaksError(
    'store-unwritable',
    'this page may not encrypt, so it keeps no voices; open it by https, or on localhost',
  );
}
