import { WhospeaksError } from '../errors.js';
import { SpeakerModel } from '../native/index.js';
import { fromFile, fromMicrophone, until, type AudioSource } from '../stream/index.js';
import {
  enrollWithReport,
  type EnrollmentReport,
  type EnrollProgress,
  type Profile,
  type ProfileStore,
} from '../speakers/index.js';
import type { EngineOption } from './engine-option.js';
import { seconds } from './format-time.js';
import { deviceOf } from './mic.js';
import { onInterrupt } from './on-interrupt.js';

export interface AddOptions extends EngineOption {
  readonly model?: string;
  readonly mic?: true | string;
  readonly seconds: number;
  readonly json?: true;
}

/** `speakers add`: enrol from files or at the microphone, store, and say how good the enrolment is. */
export async function addSpeaker(
  store: ProfileStore,
  name: string,
  files: readonly string[],
  options: AddOptions,
): Promise<void> {
  const stop = new AbortController();
  const sources = soundOf(files, options, stop.signal);
  // Before the work: a name that cannot be had.
  await store.assertFree(name);
  const atMicrophone = options.mic !== undefined;
  const ignoreInterrupts = atMicrophone
    ? onInterrupt(() => {
        stop.abort();
      })
    : undefined;
  const model = await SpeakerModel.fromPretrained(options.model, { engine: options.engine });
  try {
    const { profiles } = await store.list();
    if (atMicrophone) process.stderr.write(`${name}, please speak; Ctrl-C ends early\n`);
    const onProgress = (progress: EnrollProgress): void => {
      if (!atMicrophone) return;
      showProgress(progress, options.seconds);
      if (progress.speechSeconds >= options.seconds) stop.abort();
    };
    const made = await enrollWithReport(model, { name, sources, others: profiles, onProgress });
    if (atMicrophone && process.stderr.isTTY) process.stderr.write('\n');
    const profile = await store.add(made.profile);
    if (options.json) process.stdout.write(`${JSON.stringify({ name: profile.name, ...made.report })}\n`);
    else process.stdout.write(`added ${describeProfile(profile)}\n${describeReport(made.report)}`);
    for (const advice of made.report.advice) process.stderr.write(`warning: ${profile.name}: ${advice}\n`);
  } finally {
    ignoreInterrupts?.();
    model.close();
  }
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

export function describeProfile({ name, speechSeconds, recordings, consistency, model }: Profile): string {
  const from = recordings === 1 ? '1 recording' : `${recordings} recordings`;
  return `${name}: ${speechSeconds.toFixed(1)} s of speech from ${from}, consistency ${consistency.toFixed(2)}, model ${model.name}`;
}

function describeReport({
  signalToNoiseDb,
  clippedShare,
  secondVoiceShare,
  closest,
}: EnrollmentReport): string {
  const lines = [
    `  speech above noise: ${signalToNoiseDb === undefined ? 'unknown (no pause)' : `${signalToNoiseDb.toFixed(0)} dB`}`,
    `  clipped: ${(100 * clippedShare).toFixed(2)} %`,
    `  a second voice: ${secondVoiceShare === 0 ? 'none' : `${(100 * secondVoiceShare).toFixed(0)} % of the windows`}`,
    `  most alike: ${closest === undefined ? 'nobody stored' : `${closest.name}, cosine ${closest.cosine.toFixed(2)}`}`,
  ];
  return `${lines.join('\n')}\n`;
}
