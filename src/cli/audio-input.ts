import { InvalidArgumentError, Option, type Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  fromFile,
  fromMicrophone,
  fromReadable,
  realTime,
  warmDecoder,
  type AudioSource,
} from '../stream/index.js';
import { deviceOf } from './mic.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** The options of a command that reads sound. */
export interface InputOptions {
  readonly mic?: true | string;
  readonly encoding: 's16le' | 'f32le';
  readonly rate: number;
  readonly channels: number;
  readonly realtime?: true;
}

export function addInputOptions(command: Command): Command {
  return command
    .option('--mic [device]', 'listen to the microphone (a device name or id from `whospeaks mic list`)')
    .option('--realtime', 'play a file at the pace of real time')
    .addOption(
      new Option('--encoding <name>', 'raw samples on standard input')
        .choices(['s16le', 'f32le'])
        .default('s16le'),
    )
    .option('--rate <hz>', 'sample rate on standard input', wholeNumber, SAMPLE_RATE_HZ)
    .option('--channels <n>', 'channels on standard input', wholeNumber, 1);
}

/** Exactly one of: a file, `-` for raw PCM on standard input, `--mic`. */
export function openInput(input: string | undefined, options: InputOptions): AudioSource {
  if (options.mic !== undefined) {
    if (input !== undefined)
      throw new WhospeaksError('invalid-option', `choose one input: "${input}" or --mic`);
    return fromMicrophone(options.mic === true ? {} : { device: deviceOf(options.mic) });
  }
  if (input === undefined) {
    throw new WhospeaksError(
      'invalid-option',
      'nothing to listen to: name a file, `-` for standard input, or --mic',
    );
  }
  // While the model loads.
  if (input !== '-') warmDecoder();
  const source =
    input === '-'
      ? fromReadable(process.stdin, {
          encoding: options.encoding,
          sampleRateHz: options.rate,
          channels: options.channels,
        })
      : fromFile(input);
  return options.realtime ? realTime(source) : source;
}

/** The same source, telling how far it has been read. */
export function withProgress(source: AudioSource, progress: (positionSamples: number) => void): AudioSource {
  return {
    live: source.live,
    get durationSamples() {
      return source.durationSamples;
    },
    async *[Symbol.asyncIterator]() {
      for await (const chunk of source) {
        progress(chunk.startSample + chunk.samples.length);
        yield chunk;
      }
    },
  };
}

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 up.');
  return Number(value);
}
