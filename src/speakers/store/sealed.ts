import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { WhospeaksError } from '../../errors.js';

const MAGIC = Buffer.from('whospeaks-sealed-1 ');
const ID_CHARACTERS = 16;
/** Behind the magic and the key's id. */
const HEADER_BYTES = MAGIC.length + ID_CHARACTERS + 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Why a sealed file could not be opened. */
export class SealedError extends Error {}

/** What a file holds, and the id of the key that it was sealed with; null where it was not. */
export interface Opened {
  readonly bytes: Buffer;
  readonly keyId: string | null;
}

/**
 * The keys of an encrypted store: the first seals, all open. AES-256-GCM, a random nonce of 96 bits a file. A sealed file is the
 * line `whospeaks-sealed-1 KEYID`, then nonce (12 bytes), tag (16) and ciphertext; what the file is called is authenticated with
 * it, so that none can stand in another's place.
 */
export class Keys {
  readonly #keys: ReadonlyMap<string, Buffer>;

  private constructor(keys: readonly Buffer[]) {
    this.#keys = new Map(keys.map((key) => [idOf(key), key]));
  }

  static readonly none = new Keys([]);

  /**
   * @param text keys in base64 or hex, 32 bytes each, on lines of their own or between commas; `#` begins a comment
   * @throws {WhospeaksError} `store-key`
   */
  static parse(text: string, where: string): Keys {
    const words = text
      .split(/[\n,]/)
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((word) => word !== '');
    const keys = words.map((word) => Buffer.from(word, /^[0-9a-f]{64}$/i.test(word) ? 'hex' : 'base64'));
    if (keys.length > 0 && keys.every((key) => key.length === KEY_BYTES)) return new Keys(keys);
    throw new WhospeaksError(
      'store-key',
      `${where}: expected keys of 32 bytes in base64 or hex, one a line; \`whospeaks speakers rotate-key\` makes one`,
    );
  }

  /** A new key, as `parse` reads it. */
  static make(): string {
    return randomBytes(KEY_BYTES).toString('base64');
  }

  /** Id of the key that seals; null where files are not sealed. */
  get currentId(): string | null {
    return [...this.#keys.keys()][0] ?? null;
  }

  /** @param label what the file is called; `open` needs the same. */
  seal(bytes: Uint8Array, label: string): Uint8Array {
    const [first] = this.#keys;
    if (first === undefined) return bytes;
    const [id, key] = first;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(label));
    const data = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([MAGIC, Buffer.from(`${id}\n`), iv, cipher.getAuthTag(), data]);
  }

  /** @throws {SealedError} */
  open(bytes: Buffer, label: string): Opened {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return { bytes, keyId: null };
    const keyId = bytes.toString('latin1', MAGIC.length, MAGIC.length + ID_CHARACTERS);
    const key = this.#keys.get(keyId);
    if (key === undefined)
      throw new SealedError(
        `it is encrypted with key ${printable(keyId)}, which is not among those given (--key-file)`,
      );
    const [iv, tag, data] = [
      bytes.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES),
      bytes.subarray(HEADER_BYTES + IV_BYTES, HEADER_BYTES + IV_BYTES + TAG_BYTES),
      bytes.subarray(HEADER_BYTES + IV_BYTES + TAG_BYTES),
    ];
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(label));
      decipher.setAuthTag(tag);
      return { bytes: Buffer.concat([decipher.update(data), decipher.final()]), keyId };
    } catch (error) {
      throw new SealedError('it is encrypted and was changed, cut or moved to the place of another file', {
        cause: error,
      });
    }
  }
}

/** Tells one key from another, and nothing of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('whospeaks-key ').update(key).digest('hex').slice(0, ID_CHARACTERS);
}

function printable(id: string): string {
  return /^[0-9a-f]+$/.test(id) ? id : 'of another kind';
}
