import { InvalidArgumentError } from 'commander';
import { WhospeaksError } from '../errors.js';
import { fromFile, fromMicrophone, until, type AudioSource } from '../stream/index.js';
import {
  enrollWithReport,
  speakerName,
  type Enrollment,
  type EnrollProgress,
  type KeptRecording,
  type Profile,
  type SpeakerStore,
} from '../speakers/index.js';
import { appendAdvice, joinProfiles } from '../speakers/join-profiles.js';
import { RecordingKeeper } from '../speakers/kept-recording.js';
import { assertSameModel } from '../speakers/profile.js';
import { assertFree, changeSpeaker } from '../speakers/store/speaker-changes.js';
import { describeProfile, describeReport } from './describe-speaker.js';
import { engineOptions, type EngineOption } from './engine-option.js';
import { seconds } from './format-time.js';
import { deviceOf } from './mic.js';
import { onInterrupt } from './on-interrupt.js';
import { BY_COMMAND_LINE as by } from './open-store.js';
import { openModel } from './open-model.js';

export interface AddOptions extends EngineOption {
  readonly model?: string;
  readonly mic?: true | string;
  readonly seconds: number;
  readonly append?: true;
  readonly replace?: true;
  /** Days, or for as long as the speaker is stored. */
  readonly keepAudio?: true | number;
  readonly json?: true;
}

/** `speakers add`: enrol from files or at the microphone, store, and say how good the enrolment is. */
export async function addSpeaker(
  store: SpeakerStore,
  name: string,
  files: readonly string[],
  options: AddOptions,
): Promise<void> {
  const stop = new AbortController();
  const { keepAudio } = options;
  const keeper = new RecordingKeeper();
  const heard = soundOf(files, options, stop.signal);
  const sources = keepAudio === undefined ? heard : heard.map((source) => keeper.keep(source));
  // Before the work: a name that cannot be had, or somebody to add to who is not there.
  const before = await placeFor(store, name, options);
  const atMicrophone = options.mic !== undefined;
  const ignoreInterrupts = atMicrophone
    ? onInterrupt(() => {
        stop.abort();
      })
    : undefined;
  const model = await openModel(options.model, engineOptions(options));
  try {
    if (before !== undefined) assertSameModel(model, [before]);
    const { profiles } = await store.list();
    if (atMicrophone) process.stderr.write(`${name}, please speak; Ctrl-C ends early\n`);
    const onProgress = (progress: EnrollProgress): void => {
      if (!atMicrophone) return;
      showProgress(progress, options.seconds);
      if (progress.speechSeconds >= options.seconds) stop.abort();
    };
    const made = await enrollWithReport(model, { name, sources, others: profiles, onProgress });
    if (atMicrophone && process.stderr.isTTY) process.stderr.write('\n');
    const days = keepAudio === true ? undefined : keepAudio;
    const { profile, done } = await save(store, made, options, await keeper.recordings(days));
    if (options.json) process.stdout.write(`${JSON.stringify({ name: profile.name, ...made.report })}\n`);
    else process.stdout.write(`${done} ${describeProfile(profile)}\n${describeReport(made.report)}`);
    const unlike = before === undefined ? [] : appendAdvice(model, before, made.profile);
    for (const advice of [...made.report.advice, ...unlike])
      process.stderr.write(`warning: ${profile.name}: ${advice}\n`);
  } finally {
    ignoreInterrupts?.();
    model.close();
  }
}

/** Reads `--keep-audio [days]`. */
export function keptDays(value: string): number {
  const days = Number(value);
  if (value.trim() !== '' && days > 0 && days <= 3650) return days;
  throw new InvalidArgumentError('expected days, more than 0, at most 3650.');
}

/** The speaker to add to, where one is. Rejects where there is none, or where the name is taken and nothing is asked for. */
async function placeFor(
  store: SpeakerStore,
  name: string,
  { append, replace, keepAudio }: AddOptions,
): Promise<Profile | undefined> {
  if (append && replace) {
    throw new WhospeaksError(
      'invalid-option',
      'choose one: --append adds to a speaker, --replace replaces it',
    );
  }
  if (keepAudio !== undefined && store.recordings === undefined) {
    throw new WhospeaksError('invalid-option', '--keep-audio: this store keeps no recordings');
  }
  if (append) return store.get(name);
  if (replace) speakerName(name);
  else await assertFree(store, name);
  return undefined;
}

async function save(
  store: SpeakerStore,
  { profile: made }: Enrollment,
  { append, replace }: AddOptions,
  recordings: readonly KeptRecording[],
): Promise<{ readonly profile: Profile; readonly done: string }> {
  if (append) {
    const kept = [...((await store.recordings?.(made.name)) ?? []), ...recordings];
    const join = (stored: Profile): Profile => joinProfiles(stored, made);
    return {
      profile: await changeSpeaker(store, made.name, join, { recordings: kept, by }),
      done: 'added to',
    };
  }
  const put = await store.put(made, { replaces: replace ? made.name : undefined, recordings, by });
  return { profile: put.profile, done: put.replaced ? 'replaced' : 'added' };
}

function soundOf(files: readonly string[], { mic }: AddOptions, signal: AbortSignal): AudioSource[] {
  if ((mic === undefined) === (files.length === 0)) {
    throw new WhospeaksError(
      'invalid-option',
      files.length === 0
        ? 'nothing to enrol from: name audio files, or --mic'
        : 'choose one: audio files or --mic (put --mic behind the name)',
    );
  }
  if (mic === undefined) return files.map((file) => fromFile(file));
  return [until(fromMicrophone(mic === true ? {} : { device: deviceOf(mic) }), signal)];
}

/** One line, redrawn on a terminal; in a pipe, a line for every second of speech. */
function showProgress({ speechSeconds, positionSamples }: EnrollProgress, wanted: number): void {
  const line = `${speechSeconds.toFixed(1)} of ${wanted} s of speech (${seconds(positionSamples).toFixed(0)} s heard)`;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}
