import { statSync } from 'node:fs';
import { fromFile, readAll, type IdentifyEvent, type Profile, type SpeakerModel } from 'whospeaks';
import { SAMPLE_RATE_HZ, Tracker, type EmbeddedWindow } from 'whospeaks/stages';
import { codeFingerprint, embedWindows, type Cache } from '../accuracy/embed.js';

/** A model, and what it has heard before. */
export interface Hearing {
  readonly model: SpeakerModel;
  readonly cache: Cache;
}

/** A recording up to the tracker: whoever is enrolled, this is the same. */
export interface HeardStream {
  readonly windows: readonly EmbeddedWindow[];
  /** Length of the recording. */
  readonly samples: number;
}

/** What is heard changes with these. */
const code = codeFingerprint(['src/fbank', 'src/stream/framer.ts', 'src/native/operator.ts']);

function keyOf(path: string): unknown {
  const { size, mtimeMs } = statSync(path);
  return [code, path, size, mtimeMs];
}

/** Hear each recording once. */
export function hearStream(path: string, { model, cache }: Hearing): Promise<HeardStream> {
  return cache.get(['stream', model.fingerprint, keyOf(path)], async () => {
    const samples = await readAll(fromFile(path));
    return { windows: await embedWindows(model, samples), samples: samples.length };
  });
}

/** The embedding of a whole recording, a unit vector. */
export function hearWhole(path: string, { model, cache }: Hearing): Promise<Float32Array> {
  return cache.get(['whole', model.fingerprint, keyOf(path)], async () =>
    model.embed(await readAll(fromFile(path)), SAMPLE_RATE_HZ),
  );
}

/** What `identify` tells of the stream, at its defaults, with these speakers enrolled. */
export function identified(
  { windows }: HeardStream,
  speakers: readonly Profile[],
  { model }: Hearing,
): IdentifyEvent[] {
  const tracker = new Tracker({ speakers, model });
  return [...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()];
}
