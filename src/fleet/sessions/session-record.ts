import { z } from 'zod';

const VERSION = 1;
/** Bytes before the header: its length, unsigned 32 bit little-endian. */
const LENGTH_BYTES = 4;

const count = z.int().min(0);

const recordSchema = z.object({
  version: z.literal(VERSION, { error: `expected version ${VERSION}` }),
  /** Of the process that has the session. */
  owner: z.string().max(64),
  tokenId: z.string().max(200),
  /** SHA-256 of the resume token, base64. */
  resumeHash: z.base64(),
  /** The hello that the session began with. */
  hello: z.record(z.string(), z.unknown()),
  /** Fingerprint of the network. */
  model: z.string().max(200),
  /** Samples at 16 kHz that are in the snapshot; what comes before the first one has none. */
  sample: count,
  /** The message of audio that the client is to send from, and what came before it. */
  audio: z.object({
    sequence: count,
    inputFrames: count,
    jumpedFrames: count,
    receivedBytes: count,
    skippedTo: z.number().min(0),
  }),
  /** Id of the last event that was told before the snapshot. */
  lastEvent: count,
  /** Messages of the last of them: they were not in the stream of events yet. */
  untold: z.array(z.string()).readonly().default([]),
  /** Tells whether the group's speakers are still those of the snapshot. */
  speakersSign: z.string().max(200),
  /** Profiles of speakers that only this session knows, as JSON. */
  own: z.array(z.unknown()),
});

/** A session as another server goes on with it, without the snapshot itself. */
export type SessionHeader = z.output<typeof recordSchema>;

export interface SessionRecord {
  readonly header: SessionHeader;
  /** Of the stream's stages; empty where no sound has been heard. */
  readonly snapshot: Uint8Array;
}

export function writeRecord(header: Omit<SessionHeader, 'version'>, snapshot: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify({ version: VERSION, ...header }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, snapshot]);
}

/** Throws what is wrong with it: another version, or no record at all. */
export function readRecord(bytes: Buffer): SessionRecord {
  if (bytes.length < LENGTH_BYTES) throw new Error('too short');
  const end = LENGTH_BYTES + bytes.readUInt32LE();
  if (end > bytes.length) throw new Error('cut');
  const parsed = recordSchema.safeParse(JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`${issue.path.join('.')}: ${issue.message}`);
  }
  return { header: parsed.data, snapshot: bytes.subarray(end) };
}
