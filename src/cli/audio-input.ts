import { InvalidArgumentError, Option, type Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  fromFile,
  fromMicrophone,
  fromPipe,
  fromReadable,
  fromUrl,
  isUrl,
  realTime,
  warmDecoderFor,
  type AudioChunk,
  type AudioSource,
  type FileOptions,
} from '../stream/index.js';
import { deviceOf } from './mic.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** The options of a command that reads sound. */
export interface InputOptions {
  readonly mic?: true | string;
  readonly encoding?: 's16le' | 'f32le';
  readonly rate?: number;
  readonly channels?: number;
  readonly realtime?: true;
  readonly splitChannels?: true;
}

export function addInputOptions(command: Command): Command {
  return command
    .option('--mic [device]', 'listen to the microphone (name or id from `whospeaks mic list`)')
    .option('--realtime', 'play a file at the pace of real time')
    .addOption(
      new Option('--encoding <name>', 'raw samples on standard input (default: s16le)').choices([
        's16le',
        'f32le',
      ]),
    )
    .option('--rate <hz>', 'sample rate of raw samples on standard input (default: 16000)', wholeNumber)
    .option('--channels <n>', 'channels of raw samples on standard input (default: 1)', wholeNumber)
    .option('--split-channels', 'hear each channel by itself, as of a telephone call; at most 8');
}

/**
 * Exactly one of: a file, an https:// address, `-` for standard input, `--mic`. Standard input is a file by its first
 * bytes, else raw PCM; where an option says how raw samples are made, it is nothing else.
 */
export function openInput(input: string | undefined, options: InputOptions): AudioSource {
  if (options.mic !== undefined) {
    if (input !== undefined)
      throw new WhospeaksError('invalid-option', `choose one input: "${input}" or --mic`);
    const device = options.mic === true ? {} : { device: deviceOf(options.mic) };
    return fromMicrophone({ ...device, audio: audioOf(options) });
  }
  if (input === undefined) {
    throw new WhospeaksError(
      'invalid-option',
      'nothing to listen to: name a file, `-` for standard input, or --mic',
    );
  }
  const source = input === '-' ? standardInput(options) : openNamed(input, { audio: audioOf(options) });
  return options.realtime ? realTime(source) : source;
}

/** What `--split-channels` says. */
function audioOf({ splitChannels }: InputOptions): 'mix' | 'channels' {
  return splitChannels ? 'channels' : 'mix';
}

function openNamed(input: string, options: FileOptions): AudioSource {
  // While the model loads.
  if (!isUrl(input)) void warmDecoderFor(input);
  return openRecording(input, options);
}

/** A file or an https:// address; its channels mixed, each, or one of them, from 0. */
export function openRecording(input: string, options: FileOptions = {}): AudioSource {
  return isUrl(input) ? fromUrl(input, options) : fromFile(input, options);
}

function standardInput(options: InputOptions): AudioSource {
  const { encoding, rate, channels } = options;
  const isRaw = encoding !== undefined || rate !== undefined || channels !== undefined;
  const format = {
    encoding: encoding ?? 's16le',
    sampleRateHz: rate ?? SAMPLE_RATE_HZ,
    channels: channels ?? 1,
    audio: audioOf(options),
  };
  return isRaw ? fromReadable(process.stdin, format) : fromPipe(process.stdin, format);
}

/** Once a source was read: that its channels were mixed, where they are not alike. Null where there is nothing to say. */
export function mixedNote({ isMixed }: AudioSource): string | null {
  if (isMixed !== true) return null;
  return 'the channels differ and were mixed to one; --split-channels hears each by itself';
}

/** The same source, telling of what has been read. */
export function withProgress(source: AudioSource, progress: (chunk: AudioChunk) => void): AudioSource {
  return {
    live: source.live,
    get durationSamples() {
      return source.durationSamples;
    },
    async *[Symbol.asyncIterator]() {
      for await (const chunk of source) {
        progress(chunk);
        yield chunk;
      }
    },
  };
}

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 up.');
  return Number(value);
}
