import type { Recordings, SendOptions } from '../../client/recordings.js';
import { renameSpeaker } from '../../clustering/rename-speaker.js';
import type { Diarization, DiarizedSpeaker, DiarizeProgress } from '../../clustering/types.js';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { isUnknownLabel } from '../../events/events.js';
import type { NameReply, RecordingReply } from '../../protocol/index.js';
import { foundIn, type NamedTranscript } from '../../protocol/recording-result.js';
import { infoOf } from '../../protocol/speaker-info.js';
import { joinProfiles } from '../../speakers/join-profiles.js';
import { assertSameModel, type Profile } from '../../speakers/profile.js';
import { nameKey, speakerName } from '../../speakers/speaker-name.js';
import { adaptSpeaker, changeSpeaker } from '../../speakers/store/speaker-changes.js';
import { formatResult } from '../../transcript/formats/format-result.js';
import { readTranscript, type WordTranscript } from '../../transcript/read/index.js';
import { wordFit } from '../../transcript/words/fit.js';
import { nameWords } from '../../transcript/words/name-words.js';
import { diarize } from '../diarize.js';
import { fromFile } from '../sources/recording.js';
import { BY } from './local-speakers.js';
import type { Opening } from './opening.js';
import type { Voices } from './voices.js';

interface Result extends Diarization {
  readonly transcript?: NamedTranscript | undefined;
}

interface Job {
  readonly id: string;
  readonly createdAt: string;
  readonly stop: AbortController;
  state: 'running' | 'done' | 'failed';
  progress?: DiarizeProgress;
  result?: Result;
  error?: NonNullable<RecordingReply['error']>;
}

/** What of a recording is kept: the last that was sent. */
const MAX_KEPT = 1;

/** Whole recordings as the service's client knows them, heard by this browser's worker and kept in memory alone. */
export class LocalRecordings implements Pick<Recordings, 'get' | 'transcript' | 'name' | 'remove'> {
  readonly #opening: Opening<Voices>;
  readonly #jobs = new Map<string, Job>();

  constructor(opening: Opening<Voices>) {
    this.#opening = opening;
  }

  /** Begin to hear a recording. Rejects where its transcript cannot be read: `transcript-format`, `transcript-times`. */
  async send(file: Blob, options: SendOptions): Promise<RecordingReply> {
    const { transcript } = options;
    const text = transcript instanceof Blob ? await transcript.text() : transcript;
    const words = text === undefined ? undefined : readTranscript(text);
    const voices = await this.#opening.get();
    const job: Job = {
      id: crypto.randomUUID(),
      createdAt: new Date().toISOString(),
      stop: new AbortController(),
      state: 'running',
    };
    for (const { id } of [...this.#jobs.values()].slice(0, 1 - MAX_KEPT || undefined)) await this.remove(id);
    this.#jobs.set(job.id, job);
    void this.#hear(job, voices, file, options, words);
    return replyOf(job);
  }

  get(recording: string): Promise<RecordingReply> {
    return Promise.resolve().then(() => replyOf(this.#job(recording)));
  }

  transcript(recording: string, format: Parameters<Recordings['transcript']>[1]): Promise<string> {
    return Promise.resolve().then(() => formatResult(recording, format, resultOf(this.#job(recording))));
  }

  async name(
    recording: string,
    label: string,
    speaker: string,
    { learn = false }: { readonly learn?: boolean } = {},
  ): Promise<NameReply> {
    const job = this.#job(recording);
    const { profile } = unknownSpeaker(job, label);
    if (isUnknownLabel(speaker) && speaker !== label) {
      unknownSpeaker(job, speaker);
      job.result = renameSpeaker(resultOf(job), label, { name: speaker, known: false });
      return { label, how: 'merged', saved: false };
    }
    const voices = await this.#opening.get();
    const name = speakerName(speaker);
    const there = voices.all.find((voice) => nameKey(voice.name) === nameKey(name));
    const stored = await keep(voices, { ...profile, name }, there, learn);
    await voices.refresh();
    job.result = renameSpeaker(resultOf(job), label, { name: stored.name, known: true });
    const how = there === undefined ? 'enrolled' : learn ? 'learnt' : 'adapted';
    return { speaker: infoOf(stored, true), label, how, saved: true };
  }

  remove(recording: string): Promise<void> {
    this.#jobs
      .get(recording)
      ?.stop.abort(new WhospeaksError('recording-unknown', 'the recording was deleted'));
    this.#jobs.delete(recording);
    return Promise.resolve();
  }

  async #hear(
    job: Job,
    voices: Voices,
    file: Blob,
    { speakers, minSpeakers, maxSpeakers, audio = 'mix' }: SendOptions,
    words: WordTranscript | undefined,
  ): Promise<void> {
    try {
      const told = await diarize(voices.model, fromFile(file, { audio }), {
        audio,
        profiles: voices.usable(),
        signal: job.stop.signal,
        onProgress: (progress) => {
          job.progress = progress;
        },
        ...(speakers === undefined ? {} : { speakers }),
        ...(minSpeakers === undefined ? {} : { minSpeakers }),
        ...(maxSpeakers === undefined ? {} : { maxSpeakers }),
      });
      job.result = words === undefined ? told : { ...told, transcript: named(words, told) };
      job.state = 'done';
    } catch (error) {
      job.state = 'failed';
      const message = error instanceof Error ? error.message : String(error);
      job.error = { code: isWhospeaksError(error) ? error.code : 'engine-failed', message };
    }
  }

  #job(recording: string): Job {
    const job = this.#jobs.get(recording);
    if (job !== undefined) return job;
    throw new WhospeaksError(
      'recording-unknown',
      'this page keeps nothing of that recording; choose it again',
    );
  }
}

/** A new speaker, or what was heard of one who is stored: beside the profile, or with `learn` as part of it. */
async function keep(
  { store, model }: Voices,
  heard: Profile,
  there: Profile | undefined,
  learn: boolean,
): Promise<Profile> {
  if (there === undefined) return (await store.put(heard, { by: BY })).profile;
  assertSameModel(model, [there]);
  if (learn) return changeSpeaker(store, there.name, (stored) => joinProfiles(stored, heard), { by: BY });
  const adaptation = { vector: heard.centroid, seconds: heard.speechSeconds, probability: 1 };
  return adaptSpeaker(store, there.name, adaptation, { by: BY });
}

/** Named by their times alone: the sound is not heard a second time. */
function named(
  { format, words, estimatedWords }: WordTranscript,
  { segments, duration }: Diarization,
): NamedTranscript {
  const { isDoubtful } = wordFit(words, segments, duration);
  return { format, estimatedWords, isDoubtful, words: nameWords(words, segments, {}) };
}

/** @throws {WhospeaksError} `speaker-not-found`, or as `resultOf` */
function unknownSpeaker(job: Job, label: string): DiarizedSpeaker {
  const found = resultOf(job).speakers.find((speaker) => speaker.label === label && !speaker.known);
  if (found !== undefined) return found;
  throw new WhospeaksError('speaker-not-found', `no unknown speaker of the recording is called "${label}"`);
}

/** @throws {WhospeaksError} why it failed, or `recording-unfinished` */
function resultOf({ result, error }: Job): Result {
  if (result !== undefined) return result;
  throw error === undefined
    ? new WhospeaksError(
        'recording-unfinished',
        'the recording is not heard to its end yet; ask again in a moment',
      )
    : new WhospeaksError(error.code, error.message);
}

function replyOf({ id, state, createdAt, progress, result, error }: Job): RecordingReply {
  const durationSeconds = result?.duration ?? progress?.duration;
  return {
    recording: id,
    state,
    createdAt,
    ...(state === 'running' && progress !== undefined ? { positionSeconds: progress.position } : {}),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(error === undefined ? {} : { error }),
    ...(result === undefined ? {} : foundIn(result)),
  };
}
