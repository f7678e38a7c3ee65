import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  fromFile,
  fromSamples,
  joinRegions,
  readAll,
  readRttm,
  SAMPLE_RATE_HZ,
  slices,
  type Turn,
} from 'whospeaks';
import { codeFingerprint, embedWindows } from './embed.js';
import {
  ENROLMENT_CODE,
  enrolledFrom,
  hearAll,
  type Enrolled,
  type Recording,
  type Studio,
} from './recordings.js';

/** Speech of one speaker alone that a voice is enrolled from at the least, seconds: of all, and of one piece. */
const MIN_ENROLMENT_SECONDS = 4;
const MIN_PIECE_SECONDS = 1;

interface Excerpt {
  readonly id: string;
  readonly turns: readonly Turn[];
  readonly samples: Float32Array;
}

async function excerptsOf(audio: string): Promise<Excerpt[]> {
  const folder = join(audio, 'ami');
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith('.rttm'))
    .map((file) => file.slice(0, -'.rttm'.length))
    .sort();
  const excerpts: Excerpt[] = [];
  for (const id of ids) {
    const turns = readRttm(readFileSync(join(folder, `${id}.rttm`), 'utf8'), id);
    excerpts.push({ id, turns, samples: await readAll(fromFile(join(folder, `${id}.flac`))) });
  }
  return excerpts;
}

/**
 * The AMI excerpts. In each, those are enrolled who speak alone for 4 s or more in the other excerpts, from
 * there; all others are strangers.
 */
export async function amiRecordings(studio: Studio): Promise<Recording[]> {
  const excerpts = await excerptsOf(studio.audio);
  const recordings: Recording[] = [];
  for (const { id, turns, samples } of excerpts) {
    const pieces = new Map<string, Float32Array[]>();
    for (const other of excerpts.filter((o) => o.id !== id)) {
      for (const [speaker, parts] of aloneIn(other))
        pieces.set(speaker, [...(pieces.get(speaker) ?? []), ...parts]);
    }
    const enrolled: Enrolled[] = [];
    for (const speaker of new Set(turns.map((turn) => turn.speaker))) {
      const made = await enrolledFromParts(studio, id, speaker, pieces.get(speaker) ?? []);
      if (made !== null) enrolled.push(made);
    }
    recordings.push(await meeting(studio, { id, turns, samples }, enrolled));
  }
  return recordings;
}

/** Each voice that speaks alone for 4 s or more in an excerpt, listened for in each excerpt in which it does not speak. */
export async function amiAbsent(studio: Studio): Promise<Recording[]> {
  const excerpts = await excerptsOf(studio.audio);
  const recordings: Recording[] = [];
  for (const from of excerpts) {
    for (const [speaker, parts] of aloneIn(from)) {
      const made = await enrolledFromParts(studio, `from ${from.id}`, speaker, parts);
      if (made === null) continue;
      const others = excerpts.filter(({ turns }) => !turns.some((turn) => turn.speaker === speaker));
      for (const excerpt of others) recordings.push(await meeting(studio, excerpt, [made]));
    }
  }
  return recordings;
}

/** null: not enough is said. */
async function enrolledFromParts(
  { cache, model, key }: Studio,
  id: string,
  speaker: string,
  parts: readonly Float32Array[],
): Promise<Enrolled | null> {
  const seconds = parts.reduce((sum, part) => sum + part.length, 0) / SAMPLE_RATE_HZ;
  if (seconds < MIN_ENROLMENT_SECONDS) return null;
  const heard = await cache.get([key, codeFingerprint(ENROLMENT_CODE), 'ami', id, speaker, seconds], () =>
    hearAll(
      model,
      parts.map((part) => fromSamples(part)),
    ),
  );
  return enrolledFrom(model, speaker, heard);
}

async function meeting(
  { cache, model, key }: Studio,
  { id, turns, samples }: Excerpt,
  enrolled: readonly Enrolled[],
): Promise<Recording> {
  return {
    id: `ami-${id}`,
    seconds: samples.length / SAMPLE_RATE_HZ,
    turns,
    windows: await cache.get([key, 'ami', id], () => embedWindows(model, samples)),
    enrolled: enrolled.map(({ profile }) => profile),
    plain: enrolled.map(({ plain }) => plain),
    absent: [],
    absentPlain: [],
    spec: null,
  };
}

/** The pieces of an excerpt in which one speaker talks alone. */
function aloneIn({ turns, samples }: Excerpt): Map<string, Float32Array[]> {
  const alone = slices(turns, []).filter((slice) => slice.reference.size === 1);
  const speakers = new Set(turns.map((turn) => turn.speaker));
  return new Map(
    [...speakers].map((speaker) => [
      speaker,
      joinRegions(alone.filter((slice) => slice.reference.has(speaker)))
        .filter((r) => r.endSeconds - r.startSeconds >= MIN_PIECE_SECONDS)
        .map((r) =>
          samples.slice(
            Math.round(r.startSeconds * SAMPLE_RATE_HZ),
            Math.round(r.endSeconds * SAMPLE_RATE_HZ),
          ),
        ),
    ]),
  );
}
