import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, fromSamples, readAll } from 'whospeaks';
import { SAMPLE_RATE_HZ, type EmbeddedWindow } from 'whospeaks/stages';
import { joinRegions, readRttm, slices, type Turn } from 'whospeaks/evaluate';
import { codeFingerprint, embedWindows } from './embed.js';
import {
  ENROLMENT_CODE,
  enrolledFrom,
  enrolling,
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
  readonly windows: readonly EmbeddedWindow[];
  /** The pieces in which one speaker talks alone, by speaker. */
  readonly alone: ReadonlyMap<string, readonly Float32Array[]>;
}

/** The AMI excerpts. */
export interface Meetings {
  /** In each, those are enrolled who speak alone for 4 s or more in the other excerpts, from there; all others are strangers. */
  readonly returning: Recording[];
  /** Each voice that speaks alone for 4 s or more in an excerpt, listened for in each excerpt in which it does not speak. */
  readonly absent: Recording[];
}

export async function meetings(studio: Studio): Promise<Meetings> {
  const { cache, model, key } = studio;
  const excerpts = await excerptsOf(studio);
  const code = codeFingerprint(ENROLMENT_CODE);
  /** None, where not enough is said. */
  const enrolled = async (
    id: string,
    speaker: string,
    parts: readonly Float32Array[],
  ): Promise<Enrolled[]> => {
    const seconds = parts.reduce((sum, part) => sum + part.length, 0) / SAMPLE_RATE_HZ;
    if (seconds < MIN_ENROLMENT_SECONDS) return [];
    const heard = await cache.get([key, code, 'ami', id, speaker, seconds], () =>
      hearAll(
        model,
        parts.map((part) => fromSamples(part)),
      ),
    );
    return [enrolledFrom(model, speaker, heard)];
  };
  const returning: Recording[] = [];
  const absent: Recording[] = [];
  for (const excerpt of excerpts) {
    const { id } = excerpt;
    const others = excerpts.filter((other) => other !== excerpt);
    const known: Enrolled[] = [];
    for (const speaker of speakersOf(excerpt)) {
      known.push(
        ...(await enrolled(
          id,
          speaker,
          others.flatMap(({ alone }) => alone.get(speaker) ?? []),
        )),
      );
    }
    returning.push(meeting(excerpt, known));
    for (const [speaker, parts] of excerpt.alone) {
      const voice = await enrolled(`from ${id}`, speaker, parts);
      if (voice.length === 0) continue;
      const without = others.filter((other) => !speakersOf(other).has(speaker));
      absent.push(...without.map((other) => meeting(other, voice)));
    }
  }
  return { returning, absent };
}

function meeting({ id, turns, samples, windows }: Excerpt, voices: readonly Enrolled[]): Recording {
  return {
    id: `ami-${id}`,
    seconds: samples.length / SAMPLE_RATE_HZ,
    turns,
    windows,
    samples: () => Promise.resolve(samples),
    ...enrolling(voices),
    absent: [],
    spec: null,
  };
}

async function excerptsOf({ audio, cache, model, key }: Studio): Promise<Excerpt[]> {
  const folder = join(audio, 'ami');
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith('.rttm'))
    .map((file) => file.slice(0, -'.rttm'.length))
    .sort();
  const excerpts: Excerpt[] = [];
  for (const id of ids) {
    const turns = readRttm(readFileSync(join(folder, `${id}.rttm`), 'utf8'), id);
    const samples = await readAll(fromFile(join(folder, `${id}.flac`)));
    const windows = await cache.get([key, 'ami', id], () => embedWindows(model, samples));
    excerpts.push({ id, turns, samples, windows, alone: aloneIn(turns, samples) });
  }
  return excerpts;
}

function speakersOf({ turns }: Pick<Excerpt, 'turns'>): Set<string> {
  return new Set(turns.map(({ speaker }) => speaker));
}

function aloneIn(turns: readonly Turn[], samples: Float32Array): Map<string, Float32Array[]> {
  const alone = slices(turns, []).filter((slice) => slice.reference.size === 1);
  return new Map(
    [...speakersOf({ turns })].map((speaker) => [
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
