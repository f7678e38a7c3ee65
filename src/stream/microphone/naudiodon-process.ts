/**
 * The capture process: the only place where naudiodon is loaded. It runs apart because naudiodon
 * prints to standard output from C++, installs a handler for segmentation faults over the whole
 * process, and PortAudio itself may crash on a bad driver; none of that may reach the user's program.
 */
import { createRequire } from 'node:module';
import type { FromCapture, ToCapture } from './naudiodon-messages.js';

interface DeviceInfo {
  readonly id: number;
  readonly name: string;
  readonly maxInputChannels: number;
  readonly defaultSampleRate: number;
  readonly hostAPIName: string;
}

interface InputStream {
  on(event: 'data', listener: (bytes: Buffer) => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  start(): void;
  quit(done: () => void): void;
}

/** The part of naudiodon that is used. */
interface Naudiodon {
  getDevices(): DeviceInfo[];
  getHostAPIs(): { defaultHostAPI: number; HostAPIs: { id: number; name: string; defaultInput: number }[] };
  AudioIO(options: { inOptions: Record<string, number | boolean> }): InputStream;
}

const SAMPLE_FORMAT_FLOAT32 = 1;
/** Sound handed over at a time. */
const BLOCK_SECONDS = 0.04;
/** Blocks PortAudio may queue while this process is held up. */
const MAX_QUEUE = 256;

let stream: InputStream | null = null;
let naudiodon: Naudiodon | null = null;

function tell(message: FromCapture): void {
  if (process.connected) process.send?.(message);
}

function load(): Naudiodon | null {
  try {
    naudiodon ??= createRequire(import.meta.url)('naudiodon') as Naudiodon;
  } catch (error) {
    tell({ type: 'missing', message: reason(error) });
  }
  return naudiodon;
}

function list(): void {
  const library = load();
  if (!library) return;
  const { defaultHostAPI, HostAPIs } = library.getHostAPIs();
  const defaultInput =
    HostAPIs.find(({ id }) => id === defaultHostAPI)?.defaultInput ?? HostAPIs[defaultHostAPI]?.defaultInput;
  const devices = library
    .getDevices()
    .filter(({ maxInputChannels }) => maxInputChannels > 0)
    .map((device) => ({
      id: device.id,
      name: device.name,
      hostApi: device.hostAPIName,
      maxChannels: device.maxInputChannels,
      defaultSampleRateHz: device.defaultSampleRate,
      isDefault: device.id === defaultInput,
    }));
  tell({ type: 'devices', devices });
}

function open({ deviceId, sampleRateHz, channels }: ToCapture & { type: 'open' }): void {
  const library = load();
  if (!library) return;
  stream = library.AudioIO({
    inOptions: {
      deviceId,
      sampleRate: sampleRateHz,
      channelCount: channels,
      sampleFormat: SAMPLE_FORMAT_FLOAT32,
      // The default ends the stream at the first overflow.
      closeOnError: false,
      maxQueue: MAX_QUEUE,
      highwaterMark: Math.round(sampleRateHz * BLOCK_SECONDS) * channels * 4,
    },
  });
  stream.on('data', (bytes) => {
    tell({ type: 'data', bytes });
  });
  stream.on('error', (error) => {
    tell({ type: 'error', message: reason(error) });
  });
  stream.start();
  tell({ type: 'opened' });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function leave(): void {
  if (!stream) process.exit(0);
  stream.quit(() => process.exit(0));
}

process.on('message', (message: ToCapture) => {
  try {
    if (message.type === 'list') list();
    else if (message.type === 'open') open(message);
    else leave();
  } catch (error) {
    tell({ type: 'error', message: reason(error) });
  }
});
process.on('disconnect', leave);
