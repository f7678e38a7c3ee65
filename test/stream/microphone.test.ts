import { describe, expect, it, vi } from 'vitest';
import { WhospeaksError } from '../../src/errors.js';
import type {
  CaptureBackend,
  CaptureHandlers,
  CaptureRequest,
  InputDevice,
} from '../../src/stream/microphone/backend.js';
import { microphoneAdvice } from '../../src/stream/microphone/advice.js';
import { micDoctor } from '../../src/stream/microphone/doctor.js';
import { fromMicrophone, listMicrophones } from '../../src/stream/microphone/from-microphone.js';
import type { AudioChunk } from '../../src/stream/types.js';
import { ratioDb, signal } from './signal.js';
import { pcmBytes } from './wav-file.js';

const DEVICES: InputDevice[] = [
  { id: 3, name: 'Webcam', hostApi: 'ALSA', maxChannels: 2, defaultSampleRateHz: 44_100, isDefault: false },
  {
    id: 5,
    name: 'Desk Microphone',
    hostApi: 'ALSA',
    maxChannels: 1,
    defaultSampleRateHz: 48_000,
    isDefault: true,
  },
];

/** A capture library that exists only here: what it opened, and what it is told to deliver. */
class FakeBackend implements CaptureBackend {
  readonly name = 'fake';
  readonly opened: CaptureRequest[] = [];
  closed = 0;
  devices = DEVICES;
  refuse: (request: CaptureRequest) => string | null = () => null;
  onOpen: (handlers: CaptureHandlers) => void = () => undefined;

  listDevices(): Promise<readonly InputDevice[]> {
    return Promise.resolve(this.devices);
  }

  open(request: CaptureRequest, handlers: CaptureHandlers): Promise<{ close(): Promise<void> }> {
    this.opened.push(request);
    const refusal = this.refuse(request);
    if (refusal !== null) return Promise.reject(new Error(refusal));
    this.onOpen(handlers);
    return Promise.resolve({
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    });
  }
}

const bytes = (seconds: number, rateHz = 48_000): Buffer => pcmBytes('f32le', signal(rateHz, seconds));

describe('fromMicrophone', () => {
  it('captures the default device at its own rate and brings it to 16 kHz', async () => {
    const backend = new FakeBackend();
    backend.onOpen = ({ onData }) => {
      onData(bytes(1));
    };
    const samples: number[] = [];
    for await (const chunk of fromMicrophone({ backend })) {
      samples.push(...chunk.samples);
      if (samples.length > 15_000) break;
    }
    expect(backend.opened).toEqual([{ deviceId: 5, sampleRateHz: 48_000, channels: 1 }]);
    expect(backend.closed).toBe(1);
    expect(ratioDb(Float32Array.from(samples), signal(16_000), 400, 15_000)).toBeGreaterThan(100);
  });

  it('opens nothing before the first pull', () => {
    const backend = new FakeBackend();
    expect(fromMicrophone({ backend }).live).toBe(true);
    expect(backend.opened).toHaveLength(0);
  });

  it.each<[number | string, number]>([
    [3, 3],
    ['Webcam', 3],
    ['desk', 5],
  ])('finds the device %j', async (device, id) => {
    const backend = new FakeBackend();
    backend.onOpen = ({ onData }) => {
      onData(bytes(1));
    };
    for await (const chunk of fromMicrophone({ backend, device })) if (chunk.samples.length > 0) break;
    expect(backend.opened[0]?.deviceId).toBe(id);
  });

  it('survives overflows and counts them', async () => {
    const backend = new FakeBackend();
    backend.onOpen = ({ onData, onOverflow }) => {
      onData(bytes(0.2));
      onOverflow();
      onOverflow();
      onData(bytes(0.2));
    };
    const source = fromMicrophone({ backend });
    let read = 0;
    for await (const chunk of source) {
      read += chunk.samples.length;
      if (read > 5_000) break;
    }
    expect(source.overflows).toBe(2);
  });

  it('drops the oldest beyond its buffer and shows the gap', async () => {
    const backend = new FakeBackend();
    let handlers: CaptureHandlers | undefined;
    backend.onOpen = (given) => {
      handlers = given;
      given.onData(bytes(0.1));
    };
    const source = fromMicrophone({ backend, bufferSeconds: 1 });
    const iterator = source[Symbol.asyncIterator]();
    const pull = async (): Promise<AudioChunk> => (await iterator.next()).value as AudioChunk;
    const first = await pull();
    for (let i = 0; i < 50; i++) handlers?.onData(bytes(0.1));
    await new Promise((resolve) => setImmediate(resolve));
    const second = await pull();
    expect(second.startSample - (first.startSample + first.samples.length)).toBe(source.lostSamples);
    expect(source.lostSamples).toBeGreaterThan(3.9 * 16_000);
    await iterator.return?.();
  });

  it('tries stereo where the hardware refuses mono', async () => {
    const backend = new FakeBackend();
    backend.refuse = ({ channels }) => (channels === 1 ? 'Invalid number of channels' : null);
    backend.onOpen = ({ onData }) => {
      onData(Buffer.alloc(48_000));
    };
    for await (const chunk of fromMicrophone({ backend, device: 3 })) if (chunk.samples.length > 0) break;
    expect(backend.opened.map(({ channels }) => channels)).toEqual([1, 2]);
  });

  it.each<[string, (backend: FakeBackend) => void, string]>([
    ['no device', (backend) => (backend.devices = []), 'no microphone was found'],
    ['a device that does not open', (backend) => (backend.refuse = () => 'Device busy'), 'Device busy'],
    [
      'no library',
      (backend) => (backend.listDevices = () => Promise.reject(new Error('not built'))),
      'not built',
    ],
  ])('says what to do about %s', async (_, breakIt, text) => {
    const backend = new FakeBackend();
    breakIt(backend);
    const error: unknown = await fromMicrophone({ backend })
      [Symbol.asyncIterator]()
      .next()
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WhospeaksError);
    expect(error).toMatchObject({ code: 'microphone-unavailable' });
    expect((error as Error).message).toContain(text);
  });

  it('names the devices there are where none matches', async () => {
    const pulled = fromMicrophone({ backend: new FakeBackend(), device: 'Studio' })
      [Symbol.asyncIterator]()
      .next();
    await expect(pulled).rejects.toThrow(/"Webcam".*"Desk Microphone"/);
  });

  it('fails when the device goes away, after what it delivered', async () => {
    const backend = new FakeBackend();
    backend.onOpen = ({ onData, onError }) => {
      onData(bytes(0.5));
      onError(new Error('unplugged'));
    };
    let read = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of fromMicrophone({ backend })) read += chunk.samples.length;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'microphone-failed' });
    expect(read).toBe(8_000);
    expect(backend.closed).toBe(1);
  });

  it('notices a device that falls silent without a word', async () => {
    vi.useFakeTimers();
    try {
      const backend = new FakeBackend();
      const pulled = fromMicrophone({ backend })[Symbol.asyncIterator]().next();
      const refused = expect(pulled).rejects.toMatchObject({ code: 'microphone-failed' });
      await vi.advanceTimersByTimeAsync(6_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be left while it waits for sound', async () => {
    const backend = new FakeBackend();
    const iterator = fromMicrophone({ backend })[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await vi.waitFor(
      () => {
        expect(backend.opened).toHaveLength(1);
      },
      { timeout: 60_000 },
    );
    await iterator.return?.();
    expect((await waiting).done).toBe(true);
    expect(backend.closed).toBeGreaterThan(0);
  });
});

describe('listMicrophones', () => {
  it('lists them', async () => {
    expect(await listMicrophones(new FakeBackend())).toEqual(DEVICES);
  });
});

describe('micDoctor', () => {
  const failed = async (backend: FakeBackend): Promise<string[]> => {
    const checks = await micDoctor({ backend, seconds: 0.2 });
    for (const { ok, advice } of checks) expect(advice === undefined).toBe(ok);
    return checks.filter(({ ok }) => !ok).map(({ check }) => check);
  };

  it('finds nothing wrong with a microphone that works', async () => {
    const backend = new FakeBackend();
    backend.onOpen = ({ onData }) => {
      onData(bytes(0.5));
    };
    expect(await failed(backend)).toEqual([]);
  });

  it('tells zeros, overflow, a device that does not open, no device and no library apart', async () => {
    const zeros = new FakeBackend();
    zeros.onOpen = ({ onData, onOverflow }) => {
      onData(Buffer.alloc(200_000));
      onOverflow();
    };
    expect(await failed(zeros)).toEqual(['level', 'overflow']);

    const busy = new FakeBackend();
    busy.refuse = () => 'Device busy';
    expect(await failed(busy)).toEqual(['capture']);

    const none = new FakeBackend();
    none.devices = [];
    expect(await failed(none)).toEqual(['devices']);

    const missing = new FakeBackend();
    missing.listDevices = () =>
      Promise.reject(new WhospeaksError('microphone-unavailable', 'naudiodon cannot be loaded'));
    expect(await failed(missing)).toEqual(['capture library']);
  });

  it('has advice for every system', () => {
    for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const) {
      for (const trouble of [
        'module-missing',
        'no-device',
        'all-zero',
        'will-not-open',
        'overflow',
      ] as const) {
        expect(microphoneAdvice(trouble, platform).length).toBeGreaterThan(10);
      }
    }
    expect(microphoneAdvice('all-zero', 'darwin')).toContain('Privacy');
  });
});
