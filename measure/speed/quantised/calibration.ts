import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { featuresOf } from '../../../src/native/recording.js';
import { samplesOf, WINDOW_FRAMES } from '../../../src/stream/geometry.js';
import { fromFile, readAll } from '../../../src/stream/index.js';

const SETS = ['librispeech', 'speechocean'];
const OWN = 'examples/audio';
/** Half of them to calibrate with; more take longer and change little. */
const MOST_WINDOWS = 64;

export interface SpeechWindows {
  /** WINDOW_FRAMES x MEL_BINS features each. */
  readonly calibration: readonly Float32Array[];
  /** Others, for how far a quantised network is from the one it came from. */
  readonly check: readonly Float32Array[];
}

/**
 * Features of real speech: 1.5 s from the middle of recordings of many speakers in `audio`, or, where that folder is not
 * there, of the examples' own recordings from end to end.
 */
export async function speechWindows(audio = '../shared/audio'): Promise<SpeechWindows> {
  const files = spaced(recordingsIn(audio), MOST_WINDOWS);
  const cuts: Float32Array[] = [];
  // One at a time: each decodes in a thread of its own.
  for (const file of files) cuts.push(...(await middle(file)));
  for (const file of files.length > 0 ? [] : own()) cuts.push(...(await pieces(file)));
  const windows = spaced(cuts, MOST_WINDOWS).map((samples) => featuresOf(samples).features);
  return {
    calibration: windows.filter((_, i) => i % 2 === 0),
    check: windows.filter((_, i) => i % 2 === 1),
  };
}

function recordingsIn(audio: string): string[] {
  return SETS.map((set) => join(audio, set))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(wav|flac|mp3|ogg|opus)$/.test(name))
        .sort()
        .map((name) => join(folder, name)),
    );
}

const own = (): string[] =>
  readdirSync(OWN)
    .filter((name) => name.endsWith('.wav'))
    .map((name) => join(OWN, name));

const SAMPLES = samplesOf(WINDOW_FRAMES);

async function middle(file: string): Promise<Float32Array[]> {
  const recording = await readAll(fromFile(file));
  const start = Math.floor((recording.length - SAMPLES) / 2);
  return start < 0 ? [] : [recording.subarray(start, start + SAMPLES)];
}

async function pieces(file: string): Promise<Float32Array[]> {
  const recording = await readAll(fromFile(file));
  return Array.from({ length: Math.floor(recording.length / SAMPLES) }, (_, i) =>
    recording.subarray(i * SAMPLES, (i + 1) * SAMPLES),
  );
}

/** At most `most` of the list, evenly over its length. */
function spaced<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}
