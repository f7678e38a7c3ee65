import { z } from 'zod';

const VERSION = 1;
const count = z.int().min(0);
const pieces = z.object({ pieces: count, bytes: count });

const recordSchema = z.object({
  version: z.literal(VERSION, { error: `expected version ${VERSION}` }),
  id: z.uuid(),
  group: z.string().max(64),
  /** ISO 8601, by the clock of the server that it was sent to. */
  createdAt: z.iso.datetime(),
  /** In which order recordings came, over all servers: the revision that it began with; 0 in that one itself. */
  order: count,
  /** How it is to be heard: the servers know. */
  asked: z.unknown(),
  /** `receiving`: whoever sends it has no answer yet. */
  state: z.enum(['receiving', 'fetching', 'queued', 'running', 'done', 'failed']),
  /** Of the process that receives, fetches or hears it; empty where none does. It writes the record anew again and again. */
  owner: z.string().max(64),
  /** Servers that were lost while they heard it. */
  lost: count,
  /** What is kept of it, until it is heard. */
  sound: pieces.nullable(),
  transcript: pieces.nullable(),
  /** How far it is: the servers know. */
  progress: z.unknown(),
  /** What came of it, and under which name. */
  result: pieces.extend({ name: z.string().max(64) }).nullable(),
  error: z.object({ code: z.string().max(64), message: z.string().max(4096) }).nullable(),
  expiresAt: z.iso.datetime().nullable(),
});

/** One recording of the fleet, from when it begins to come until it is forgotten. */
export type RecordingRecord = Readonly<Omit<z.output<typeof recordSchema>, 'version'>>;

export function writeRecording(record: RecordingRecord): Uint8Array {
  return Buffer.from(JSON.stringify({ version: VERSION, ...record }));
}

/** Undefined where it is none, or of another version. */
export function readRecording(bytes: Uint8Array): RecordingRecord | undefined {
  try {
    const { version: _, ...record } = recordSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return record;
  } catch {
    return undefined;
  }
}
