import { WhospeaksError } from '../errors.js';
import type { SpeakerModel } from '../native/index.js';
import { asNorm, Cohort } from '../scoring/cohort.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../stream/index.js';
import { addScaled, dot, unit } from '../vectors.js';
import { recordingsUnder, voiceFoldersIn, type VoiceFolder } from './voice-folders.js';

/** What two files of a trial list score. */
export type Scores = (a: string, b: string) => number;

export interface CosineOptions {
  /** Folder of the recordings whose mean embedding is subtracted. */
  readonly meanOf?: string;
  /** Folder of the cohort's voices, a folder each. */
  readonly asNorm?: string;
  /** With how many of them a score is normalised, the nearest. */
  readonly asNormTop: number;
}

/** Every recording embedded whole, and a pair scored by the cosine, as WeSpeaker's recipe for VoxCeleb does. */
export async function cosines(
  model: SpeakerModel,
  paths: ReadonlyMap<string, string>,
  { meanOf, asNorm: cohortFolder, asNormTop }: CosineOptions,
): Promise<Scores> {
  const embed = (path: string): Promise<Float32Array> =>
    naming(path, async () => model.embed(await readAll(fromFile(path)), SAMPLE_RATE_HZ));
  const meanOfFiles = async (files: readonly string[]): Promise<Float32Array> => {
    const mean = new Float32Array(model.dimension);
    for (const path of files) addScaled(mean, await embed(path), 1 / files.length);
    return mean;
  };
  const cohort: { readonly mean: Float32Array; readonly files: readonly string[] }[] = [];
  for (const { files } of cohortFolder === undefined ? [] : cohortVoices(cohortFolder))
    cohort.push({ mean: await meanOfFiles(files), files });
  const averaged = meanOf === undefined ? [] : recordingsToAverage(meanOf);
  const heard = cohort.flatMap(({ files }) => files);
  let mean: Float32Array = new Float32Array(model.dimension);
  // The two are mostly one folder, of a thousand hours and more: it is heard once.
  if (
    averaged.length > 0 &&
    averaged.length === heard.length &&
    new Set([...averaged, ...heard]).size === heard.length
  ) {
    for (const voice of cohort) addScaled(mean, voice.mean, voice.files.length / heard.length);
  } else mean = await meanOfFiles(averaged);
  const centred = (vector: Float32Array): Float32Array => {
    addScaled(vector, mean, -1);
    return unit(vector);
  };
  const embeddings = new Map<string, Float32Array>();
  for (const [file, path] of paths) embeddings.set(file, centred(await embed(path)));
  const cosine: Scores = (a, b) => dot(embeddings.get(a)!, embeddings.get(b)!);
  if (cohortFolder === undefined) return cosine;
  const voices = new Cohort(
    cohort.map((voice) => centred(voice.mean)),
    { nearest: asNormTop },
  );
  const stats = new Map([...embeddings].map(([file, vector]) => [file, voices.stats(vector)]));
  return (a, b) => asNorm(cosine(a, b), stats.get(a)!, stats.get(b)!);
}

function recordingsToAverage(folder: string): string[] {
  const files = recordingsUnder(folder);
  if (files.length > 0) return files;
  throw new WhospeaksError('file-not-found', `no recordings in the folder ${folder}; check the path`);
}

/** Of a folder a voice, with all recordings in it and in the folders within, as VoxCeleb has one a video. */
function cohortVoices(folder: string): VoiceFolder[] {
  const voices = voiceFoldersIn(folder, { within: true });
  if (voices.length >= 2) return voices;
  throw new WhospeaksError(
    'file-not-found',
    `${folder} holds ${voices.length} folders with recordings; a cohort needs 2 voices or more`,
  );
}

/** Rejects with an error that names the file. */
export async function naming<Value>(path: string, heard: () => Promise<Value>): Promise<Value> {
  try {
    return await heard();
  } catch (cause) {
    if (!(cause instanceof WhospeaksError) || cause.message.includes(path)) throw cause;
    throw new WhospeaksError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
