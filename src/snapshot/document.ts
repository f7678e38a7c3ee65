import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { WhospeaksError } from '../errors.js';

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly sample: number;
  /** The model's fingerprint, and the options that decide what is told. */
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The source had ended. */
  readonly hasEnded: boolean;
  /** Stages up to the tracker, by name. */
  readonly stages: ReadonlyMap<string, unknown>;
  readonly tracker: unknown;
}

/** Of the states of all stages together: to be raised where one of them changes. */
const VERSION = 1;
const MAGIC = Buffer.from('WSNP');
const HASH_BYTES = 32;
const HEADER_BYTES = MAGIC.length + 1 + HASH_BYTES;
/** No stream has so much state, bytes. */
const MAX_BYTES = 1 << 28;
/** Most of it is embeddings, which compress badly: the rest is worth little time. */
const DEFLATE_LEVEL = 1;

/**
 * `WSNP`, the version (1 byte), SHA-256 of the rest, and V8's serialisation of the content, deflated: it keeps typed arrays as they
 * are, and what is shared.
 */
export function writeSnapshot(content: SnapshotContent): Uint8Array {
  const body = deflateRawSync(serialize(content), { level: DEFLATE_LEVEL });
  return Buffer.concat([MAGIC, Buffer.of(VERSION), hashOf(body), body]);
}

/** @throws {WhospeaksError} `invalid-snapshot` */
export function readSnapshot(bytes: Uint8Array): SnapshotContent {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEADER_BYTES || !all.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw invalid('these bytes are no snapshot of whospeaks');
  }
  const version = all[MAGIC.length]!;
  if (version !== VERSION) {
    throw invalid(
      `the snapshot is of version ${version}, and this whospeaks reads version ${VERSION}; begin a new stream`,
    );
  }
  const body = all.subarray(HEADER_BYTES);
  if (!hashOf(body).equals(all.subarray(HEADER_BYTES - HASH_BYTES, HEADER_BYTES))) {
    throw invalid('the snapshot is damaged: its checksum is wrong; begin a new stream');
  }
  try {
    return deserialize(inflateRawSync(body, { maxOutputLength: MAX_BYTES })) as SnapshotContent;
  } catch (cause) {
    throw invalid('the snapshot was written by a newer Node.js than this one; begin a new stream', cause);
  }
}

/** @throws {WhospeaksError} `invalid-snapshot` where the stream that goes on is another than the one that was saved */
export function assertSame(
  content: SnapshotContent,
  now: Pick<SnapshotContent, 'model' | 'options'>,
): SnapshotContent {
  if (content.model !== now.model) {
    throw invalid('the snapshot is of a stream with another model; open the one that it was taken with');
  }
  const names = new Set([...Object.keys(content.options), ...Object.keys(now.options)]);
  const other = [...names].filter(
    (name) => JSON.stringify(content.options[name]) !== JSON.stringify(now.options[name]),
  );
  if (other.length === 0) return content;
  throw invalid(
    `the snapshot is of a stream with other options (${other.join(', ')}); give the same to go on from it`,
  );
}

function hashOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}

function invalid(message: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('invalid-snapshot', `resume: ${message}`, { cause });
}
