import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { audioSchema, bufferSecondsSchema } from '../format.js';
import { LiveInput, type LiveAudioSource } from '../live-input.js';
import { MAX_RATE_HZ, MIN_RATE_HZ } from '../resampler.js';
import type { AudioChunk } from '../types.js';
import { microphoneAdvice } from './advice.js';
import type { Capture, CaptureBackend, InputDevice } from './backend.js';
import { naudiodonBackend } from './naudiodon.js';

const backendSchema = z.custom<CaptureBackend>(
  (value) => typeof value === 'object' && value !== null && 'open' in value && 'listDevices' in value,
  'expected a CaptureBackend',
);

const optionsSchema = z.strictObject({
  /** Id, or name or part of a name, of an input device; the system's default where left out. */
  device: z.union([z.int(), z.string().min(1)]).optional(),
  /** Rate to capture at; the device's own where left out. It is brought to 16 kHz in any case. */
  sampleRateHz: z.int().min(MIN_RATE_HZ).max(MAX_RATE_HZ).optional(),
  channels: z.int().min(1).max(64).optional(),
  /** `channels`: each is kept, for `identify` to hear by itself; at most 8, where left out two. Default `mix`. */
  audio: audioSchema.default('mix'),
  bufferSeconds: bufferSecondsSchema,
  backend: backendSchema.default(naudiodonBackend),
});

export type MicrophoneOptions = z.input<typeof optionsSchema>;

export interface MicrophoneSource extends LiveAudioSource {
  /** Times the device itself reported lost audio. */
  readonly overflows: number;
}

/** Silence from the device, not zeros but nothing at all, after which it is taken for unplugged. */
const STALL_MS = 5_000;

/**
 * Live audio from a microphone, opened at the first pull and closed when the source is left. What is not
 * read in time (`bufferSeconds`, default 10) is dropped, oldest first; an overflow in the device is
 * counted and survived.
 *
 * @throws WhospeaksError at the first pull `microphone-unavailable` where there is no capture library,
 *   no such device, or it does not open; later `microphone-failed` where the device goes away
 */
export function fromMicrophone(options: MicrophoneOptions = {}): MicrophoneSource {
  const settings = parseOptions('fromMicrophone', optionsSchema, options);
  let session: Session | undefined;
  let opening: Promise<Session> | undefined;
  let overflows = 0;
  let read = false;

  async function open(): Promise<Session> {
    const device = await findDevice(settings.backend, settings.device);
    session = await openDevice(settings, device, () => {
      overflows += 1;
    });
    return session;
  }

  async function close(): Promise<void> {
    // One that did not open has told so at the pull, and has nothing to close.
    const current = await opening?.catch(() => undefined);
    await current?.input.buffer.return();
    await current?.capture.close();
  }

  // Not a generator: leaving must not wait for the pull under way, which may never end.
  const iterator: AsyncIterator<AudioChunk, undefined> = {
    async next() {
      opening ??= open();
      const { input } = await opening;
      try {
        const result = await input.buffer.next();
        if (result.done) await close();
        return result;
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
  };

  return {
    live: true,
    get lostSamples() {
      return session?.input.buffer.droppedSamples ?? 0;
    },
    get channels() {
      return session?.input.facts.channels;
    },
    get isMixed() {
      return session?.input.facts.isMixed;
    },
    get overflows() {
      return overflows;
    },
    [Symbol.asyncIterator]() {
      if (read) {
        throw new WhospeaksError('source-closed', 'an audio source can be read only once; make a new one');
      }
      read = true;
      return iterator;
    },
  };
}

interface Session {
  readonly input: LiveInput;
  readonly capture: Capture;
}

/** The input devices there are. @throws WhospeaksError `microphone-unavailable` */
export async function listMicrophones(
  backend: CaptureBackend = naudiodonBackend,
): Promise<readonly InputDevice[]> {
  try {
    return await backend.listDevices();
  } catch (error) {
    throw unavailable(`the microphones cannot be listed: ${reason(error)}`, 'no-device', error);
  }
}

async function findDevice(
  backend: CaptureBackend,
  wanted: number | string | undefined,
): Promise<InputDevice> {
  const devices = await listMicrophones(backend);
  if (devices.length === 0) throw unavailable('no microphone was found', 'no-device');
  const found = pick(devices, wanted);
  if (found) return found;
  const names = devices.map(({ id, name }) => `${id} "${name}"`).join(', ');
  throw new WhospeaksError(
    'microphone-unavailable',
    `no microphone matches ${JSON.stringify(wanted)}; there are: ${names}`,
  );
}

function pick(devices: readonly InputDevice[], wanted: number | string | undefined): InputDevice | undefined {
  if (wanted === undefined) return devices.find(({ isDefault }) => isDefault) ?? devices[0];
  if (typeof wanted === 'number') return devices.find(({ id }) => id === wanted);
  const name = wanted.toLowerCase();
  return (
    devices.find((device) => device.name.toLowerCase() === name) ??
    devices.find((device) => device.name.toLowerCase().includes(name))
  );
}

async function openDevice(
  settings: z.output<typeof optionsSchema>,
  device: InputDevice,
  onOverflow: () => void,
): Promise<Session> {
  const sampleRateHz = settings.sampleRateHz ?? Math.round(device.defaultSampleRateHz);
  const { audio } = settings;
  const most = Math.min(2, device.maxChannels);
  // Some hardware captures in stereo only.
  const attempts =
    settings.channels === undefined ? (audio === 'mix' ? [1, most] : [most]) : [settings.channels];
  let failure: unknown;
  for (const channels of new Set(attempts)) {
    let stall: NodeJS.Timeout | undefined;
    const input = new LiveInput(
      { encoding: 'f32le', sampleRateHz, channels, audio },
      settings.bufferSeconds,
      () => {
        clearTimeout(stall);
      },
    );
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(stall);
      const message = `the microphone "${device.name}" failed: ${why}; check that it is still connected`;
      input.fail(new WhospeaksError('microphone-failed', message, { cause }));
    };
    const watch = (): void => {
      clearTimeout(stall);
      stall = setTimeout(() => {
        fail(`no sound came for ${STALL_MS / 1000} s`);
      }, STALL_MS);
    };
    try {
      const capture = await settings.backend.open(
        { deviceId: device.id, sampleRateHz, channels },
        {
          onData: (bytes) => {
            watch();
            input.push(bytes);
          },
          onOverflow,
          onError: (error) => {
            fail(error.message, error);
          },
        },
      );
      watch();
      return { input, capture };
    } catch (error) {
      clearTimeout(stall);
      await input.buffer.return();
      failure = error;
    }
  }
  throw unavailable(
    `the microphone "${device.name}" does not open at ${sampleRateHz} Hz: ${reason(failure)}`,
    'will-not-open',
    failure,
  );
}

function unavailable(what: string, trouble: 'no-device' | 'will-not-open', cause?: unknown): WhospeaksError {
  if (cause instanceof WhospeaksError) return cause;
  return new WhospeaksError('microphone-unavailable', `${what}; ${microphoneAdvice(trouble)}`, { cause });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
