import type { SpeakerCount } from '../../clustering/speaker-count.js';
import { diarize } from '../../diarize.js';
import { SegmentationModel, type SpeakerModel } from '../../native/index.js';
import type { Profile } from '../../speakers/index.js';
import { channelSources } from '../../stream/file/channel-sources.js';
import { formatTranscript, type TranscriptFormat } from '../../transcript/formats/index.js';
import type { Transcript } from '../../transcript/transcript.js';
import { mixedNote, openRecording } from '../audio-input.js';
import { EXIT, reportError } from '../exit-codes.js';
import { writeTranscript } from '../transcript-output.js';
import { InOrder, runBatch } from './batch.js';
import { BatchProgress, batchView } from './batch-view.js';
import type { Recording } from './recordings.js';
import { recordingLine, totalText } from './summary.js';

export interface BatchOptions {
  readonly model: SpeakerModel;
  readonly profiles: readonly Profile[];
  readonly count: SpeakerCount;
  readonly jobs: number;
  /** Each channel is a recording of its own. */
  readonly splitChannels: boolean;
  readonly formats: readonly TranscriptFormat[];
  /** Undefined: the first format goes to standard output. */
  readonly outDir: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Diarize recordings one after the other, or `jobs` at a time, and write each as soon as it is done. A recording that
 * fails is told on stderr, stops no other, and decides the exit code; an interrupt keeps what is done.
 */
export async function diarizeBatch(recordings: readonly Recording[], options: BatchOptions): Promise<void> {
  const { jobs, signal, outDir, formats } = options;
  const progress = new BatchProgress(recordings.map(({ bytes }) => bytes));
  const view = batchView(progress);
  const done: Transcript[] = [];
  let failed = 0;
  const isText = outDir === undefined && formats[0] === 'txt';
  const toStdout = (text: string): void => {
    view.around(() => process.stdout.write(text));
  };
  const output = new InOrder(toStdout);
  const segmentation = await SegmentationModel.bundled();
  try {
    await runBatch(recordings, jobs, signal, async (recording, index) => {
      let text = '';
      try {
        const { transcript, mixed } = await transcribe(recording, { ...options, segmentation }, (part) => {
          progress.heard(index, part);
          view.update();
        });
        if (outDir !== undefined) await writeTranscript(transcript, outDir, formats);
        text = outDir === undefined ? printed(transcript, formats[0]!, recordings.length) : '';
        done.push(transcript);
        const isSilent = transcript.segments.length === 0;
        if (mixed !== null) warn(view, `${recording.path}: ${mixed}`);
        if (isSilent) warn(view, `${recording.path}: no speech was found`);
        if (outDir !== undefined) toStdout(recordingLine(transcript));
        else if (!isText) view.around(() => process.stderr.write(recordingLine(transcript)));
      } catch (fault) {
        // What an interrupt broke off is no failure of its own.
        if (signal.aborted) return;
        failed++;
        view.around(() => {
          const code = reportError(fault, recording.path);
          process.exitCode ??= code;
        });
      } finally {
        output.add(index, text);
        progress.over(index);
        view.update();
      }
    });
    output.flush();
  } finally {
    view.close();
    segmentation.close();
  }
  if (recordings.length > 1 && done.length > 0) {
    const stream = outDir !== undefined || isText ? process.stdout : process.stderr;
    stream.write(`\n${totalText(done)}`);
  }
  if (failed > 0 && recordings.length > 1) {
    process.stderr.write(`${failed} of ${recordings.length} recordings failed\n`);
  }
  if (signal.aborted) {
    const advice = outDir === undefined ? '' : '; the same command with --skip-existing goes on';
    process.stderr.write(`stopped: ${done.length} of ${recordings.length} recordings are done${advice}\n`);
    process.exitCode = EXIT.interrupted;
  }
}

async function transcribe(
  { path, name }: Recording,
  {
    model,
    profiles,
    count,
    splitChannels,
    segmentation,
    signal,
  }: BatchOptions & { readonly segmentation: SegmentationModel },
  onPart: (part: number) => void,
): Promise<{ readonly transcript: Transcript; readonly mixed: string | null }> {
  const channels = splitChannels
    ? await channelSources((options) => openRecording(path, options))
    : undefined;
  const source = channels ?? openRecording(path);
  const shares = (channels ?? [source]).map(() => 0);
  const { segments, duration } = await diarize(model, source, {
    ...count,
    profiles,
    audio: splitChannels ? 'channels' : 'mix',
    segmentation,
    signal,
    onProgress: ({ position, duration: length, channel = 0 }) => {
      // Who is who is settled when all is heard.
      if (length === undefined || length <= 0) return;
      shares[channel] = Math.min(0.99, position / length);
      onPart(shares.reduce((sum, share) => sum + share, 0) / shares.length);
    },
  });
  const mixed = 'isMixed' in source ? mixedNote(source) : null;
  return { transcript: { recording: name, segments, duration }, mixed };
}

/** On standard output; of several recordings, text says which. */
function printed(transcript: Transcript, format: TranscriptFormat, count: number): string {
  const text = formatTranscript(format, transcript);
  return format === 'txt' && count > 1 ? `== ${transcript.recording}\n${text}\n` : text;
}

function warn(view: { around(write: () => void): void }, text: string): void {
  view.around(() => process.stderr.write(`warning: ${text}\n`));
}
