import { afterEach, expect, it, vi } from 'vitest';
import type { FromWorker, ToWorker } from '../../src/browser/messages.js';
import type { SoundSource } from '../../src/browser/sound-source.js';
import { WorkerLink } from '../../src/browser/worker-link.js';
import { PulledSounds } from '../../src/browser/worker/pulled-sound.js';
import { WhospeaksError } from '../../src/errors.js';

const BLOCK = 1600;

/** The worker's end of a link: what a browser starts of a file is here the other port of a channel. */
class WorkerPort {
  static started: WorkerPort[] = [];
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  readonly received: ToWorker[] = [];
  readonly sounds = new PulledSounds((message) => {
    this.tell(message);
  });
  readonly #channel = new MessageChannel();

  constructor() {
    WorkerPort.started.push(this);
    this.#channel.port1.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.onmessage?.({ data });
    };
    this.#channel.port2.onmessage = ({ data }: MessageEvent<ToWorker>) => {
      this.received.push(data);
      if (data.kind === 'sound' || data.kind === 'sound-end' || data.kind === 'sound-failed')
        this.sounds.answer(data);
    };
  }

  tell(message: FromWorker): void {
    this.#channel.port2.postMessage(message);
  }

  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.#channel.port1.postMessage(message, transfer as never);
  }

  terminate(): void {
    this.#channel.port1.close();
  }
}

afterEach(() => {
  for (const worker of WorkerPort.started) worker.terminate();
  WorkerPort.started = [];
  vi.unstubAllGlobals();
});

function linked(): { link: WorkerLink; worker: WorkerPort } {
  vi.stubGlobal('Worker', WorkerPort);
  const link = new WorkerLink('worker.js');
  return { link, worker: WorkerPort.started[0]! };
}

/** A stream of `source`, begun on both sides. */
function begun(source: SoundSource) {
  const { link, worker } = linked();
  const head = link.head(source);
  const request = { source: head, options: {} as never, segmentation: false, adapts: false };
  const running = link.call('identify', request, { sources: [head] });
  running.answer.catch(() => undefined);
  return { link, worker, running, sound: worker.sounds.source(head)[Symbol.asyncIterator]() };
}

const block = (): { rateHz: number; planes: Float32Array[] } => ({
  rateHz: 48_000,
  planes: [new Float32Array(BLOCK)],
});

it('ends the wait of the worker for a live source that the page leaves', async () => {
  let isLeft = false;
  const silent: SoundSource = {
    live: true,
    open: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          isLeft = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    }),
  };
  const { running, worker, sound } = begun(silent);
  const waiting = sound.next();
  await vi.waitFor(() => {
    expect(worker.received.map(({ kind }) => kind)).toEqual(['call']);
  });
  running.stop();
  // What reads the sound is let go, and the resampler with it.
  await expect(waiting).resolves.toMatchObject({ done: true });
  expect(worker.received.map(({ kind }) => kind)).toEqual(['call', 'stop', 'sound-end']);
  expect(isLeft).toBe(true);
});

it('answers a call though its source fails as it is closed', async () => {
  const { worker, running, sound } = begun({
    live: false,
    open: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false as const, value: block() }),
        return: () => {
          throw new Error('it cannot be closed');
        },
      }),
    }),
  });
  await sound.next();
  worker.tell({ kind: 'answer', id: 2, answer: undefined });
  await expect(running.answer).resolves.toBeUndefined();
});

it('closes a source whose block cannot be handed over, and says why', async () => {
  let isClosed = false;
  const { sound } = begun({
    live: false,
    // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
    async *open() {
      try {
        yield block();
        for (;;) yield { rateHz: 48_000 } as never;
      } finally {
        isClosed = true;
      }
    },
  });
  const rest = (async () => {
    while ((await sound.next()).done !== true);
  })();
  await expect(rest).rejects.toMatchObject({
    code: 'audio-format',
    message: expect.stringContaining('the source gave a block') as string,
  });
  expect(isClosed).toBe(true);
});

it('refuses options that cannot be sent, with a code', async () => {
  const { link } = linked();
  const { answer } = link.call('embed', { samples: new Float32Array(1), sampleRateHz: (() => 1) as never });
  await expect(answer).rejects.toMatchObject({ code: 'invalid-option' });
});

it('says with a code that the browser starts no worker of that file', () => {
  vi.stubGlobal('Worker', function refuse(url: string): never {
    throw new DOMException(`script at '${url}' cannot be accessed from origin 'null'`, 'SecurityError');
  });
  expect(() => new WorkerLink('https://elsewhere.example/worker.js')).toThrow(WhospeaksError);
});
