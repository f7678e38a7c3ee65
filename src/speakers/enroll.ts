import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { isHeard } from '../fbank/speech-gate.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { EmbeddedWindow } from '../native/types.js';
import { parseOptions } from '../options.js';
import { sourceSchema } from '../stream/source-schema.js';
import { SAMPLE_RATE_HZ, SHIFT_SAMPLES, type AudioSource } from '../stream/types.js';
import { enrollmentReport, type EnrollmentReport } from './enrollment-report.js';
import { MAX_EXEMPLARS, type ModelIdentity, type Profile } from './profile.js';
import { hearVoice, type HeardVoice } from './hear-voice.js';
import { speakerName } from './speaker-name.js';
import { evenly } from './evenly.js';
import { dot } from '../vectors.js';
import { middleOf, voicedIn } from './voiced.js';

/** Net speech that a voice is enrolled from at the least: one full window. */
export const MIN_ENROLL_SECONDS = 1.5;
/** Windows that are heard elsewhere (`HeardVoice`), of all recordings together. */
const MAX_ELSEWHERE = 80;

const schema = z.strictObject({
  name: z.string(),
  sources: z.array(sourceSchema).min(1, { error: 'expected at least one recording' }),
  others: z.array(z.custom<Profile>()).readonly().default([]),
  onProgress: z.custom<(progress: EnrollProgress) => void>((value) => typeof value === 'function').optional(),
});

export interface EnrollOptions {
  /** 1 to 64 characters; see `speakerName`. */
  readonly name: string;
  /** Recordings of this speaker alone; each is read to its end. */
  readonly sources: readonly AudioSource[];
  /** Stored speakers, for the report: is the new one similar to one of them? */
  readonly others?: readonly Profile[];
  /** Called as a recording is heard, about twice a second. */
  readonly onProgress?: (progress: EnrollProgress) => void;
}

export interface EnrollProgress {
  /** Net speech so far, seconds, all recordings together. */
  readonly speechSeconds: number;
  /** How far into the recording at hand. */
  readonly positionSamples: number;
}

export interface Enrollment {
  readonly profile: Profile;
  readonly report: EnrollmentReport;
}

/** The network of a live pipeline: a `SpeakerModel`, or the like. */
export type EnrollModel = ModelIdentity & WindowEmbedder;

/** Of an option that is one. */
export const modelSchema = z.custom<EnrollModel>(
  (value) => typeof (value as EnrollModel | null)?.embedWindow === 'function',
  'expected a SpeakerModel',
);

/**
 * Make a speaker's profile from recordings, through the stages of the live path. Every recording has the same weight, however
 * long. Outlying windows are suppressed (`robustMean`). Each window is also embedded as it would sound in a room and in
 * noise (`heardElsewhere`).
 *
 * Rejects with `speaker-name`, `speech-too-short` (under 1.5 s of net speech), `invalid-option`, or what
 * the sources and the model reject with.
 */
export async function enroll(model: EnrollModel, options: EnrollOptions): Promise<Profile> {
  return (await enrollWithReport(model, options)).profile;
}

/** As `enroll`, with a report on the quality of the enrolment and how to improve it. */
export async function enrollWithReport(model: EnrollModel, options: EnrollOptions): Promise<Enrollment> {
  parseOptions('enroll', z.object({ model: modelSchema }), { model });
  const { name: rawName, sources, others, onProgress } = parseOptions('enroll', schema, options);
  const name = speakerName(rawName);
  const heard: HeardVoice[] = [];
  let speechSeconds = 0;
  const maxElsewhere = Math.ceil(MAX_ELSEWHERE / sources.length);
  const onWindow = ({ step }: EmbeddedWindow): void => {
    speechSeconds += stepSpeechSeconds(step.speech);
    onProgress?.({ speechSeconds, positionSamples: step.endSample });
  };
  for (const source of sources) heard.push(await hearVoice(model, source, { onWindow, maxElsewhere }));
  const profile = profileOfHeard(model, name, heard);
  const recordings = heard.map(({ windows }) => windows);
  const qualities = heard.map(({ quality }) => quality);
  return { profile, report: enrollmentReport(model, profile, voicedIn(recordings), qualities, others) };
}

/** Make a profile from heard recordings. Throws as `enroll`. */
export function profileOfHeard(
  model: ModelIdentity,
  name: string,
  heard: readonly Pick<HeardVoice, 'windows' | 'elsewhere'>[],
): Profile {
  const recordings = heard.map(({ windows }) => windows);
  const elsewhere = heard.flatMap((recording) => recording.elsewhere);
  return profileOf(model, name, recordings, elsewhere);
}

/**
 * Make a profile from windows that were embedded already, one list a recording. Throws as `enroll`.
 *
 * @param elsewhere embeddings of the same as heard in other places (`HeardVoice`), a list a recording and place.
 */
export function profileOf(
  model: ModelIdentity,
  name: string,
  recordings: readonly (readonly EmbeddedWindow[])[],
  elsewhere: readonly (readonly Float32Array[])[] = [],
): Profile {
  const speechSeconds = speechSecondsIn(recordings.flat());
  const voiced = voicedIn(recordings);
  if (speechSeconds < MIN_ENROLL_SECONDS || voiced.length === 0) {
    const count = recordings.length === 1 ? 'the recording' : `the ${recordings.length} recordings`;
    throw new WhospeaksError(
      'speech-too-short',
      `cannot enrol "${name}": ${count} had ${speechSeconds.toFixed(1)} s of speech, at least ` +
        `${MIN_ENROLL_SECONDS} s is needed (10 s or more is better); add a longer recording`,
    );
  }
  const own = middleOf(voiced);
  const carried = elsewhere.flatMap((list) =>
    list.map((embedding) => ({ embedding, weight: 1 / list.length })),
  );
  const centroid = middleOf([...voiced, ...carried]);
  const vectors = voiced.map(({ embedding }) => embedding);
  const cosines = vectors.map((vector) => dot(vector, own));
  return {
    name,
    model: { name: model.name, fingerprint: model.fingerprint },
    dimension: centroid.length,
    centroid,
    exemplars: evenly(vectors, MAX_EXEMPLARS),
    speechSeconds,
    recordings: recordings.length,
    consistency: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length,
  };
}

/** Net speech of windows in order, seconds: what several of them hold counts once. */
export function speechSecondsIn(windows: readonly EmbeddedWindow[]): number {
  return windows.reduce((sum, { step }) => sum + stepSpeechSeconds(step.speech), 0);
}

function stepSpeechSeconds(speech: Uint8Array): number {
  const speechFrames = speech.reduce((sum, flag) => sum + (isHeard(flag) ? 1 : 0), 0);
  return (speechFrames * SHIFT_SAMPLES) / SAMPLE_RATE_HZ;
}
