import { afterEach, expect, it, vi } from 'vitest';
import { LocalStream } from '../../src/browser/service/local-stream.js';
import { Voices } from '../../src/browser/service/voices.js';
import { SpeakerModel } from '../../src/browser/speaker-model.js';
import type { FromWorker, ToWorker } from '../../src/browser/messages.js';
import type { SpeakerStore } from '../../src/speakers/store/speaker-store.js';

/** A worker that loads at once, and hears what the test says. */
class FakeWorker {
  static last: FakeWorker;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  /** Of the call that runs. */
  id = 0;

  constructor() {
    FakeWorker.last = this;
  }

  tell(data: FromWorker): void {
    this.onmessage?.({ data });
  }

  postMessage(message: ToWorker): void {
    if (message.kind !== 'call') return;
    const { id, call } = message;
    if (call.name !== 'load') this.id = id;
    else {
      const facts = { name: 'net', fingerprint: 'f', dimension: 2, calibration: undefined, device: 'none' };
      this.tell({ kind: 'answer', id, answer: facts });
    }
  }

  terminate(): void {
    this.onmessage = null;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it('keeps no events: whoever comes late hears what comes from then on', async () => {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('location', { href: 'http://127.0.0.1/' });
  const store = {
    list: () => Promise.resolve({ profiles: [], damaged: [], warnings: [] }),
    watch: () => () => undefined,
  } as unknown as SpeakerStore;
  const model = await SpeakerModel.fromPretrained();
  const stream = new LocalStream(Voices.open(store, model));
  const heard: string[] = [];
  stream.events$.subscribe(({ type }) => heard.push(type));
  await vi.waitFor(() => {
    expect(FakeWorker.last.id).toBeGreaterThan(0);
  });
  const { id } = FakeWorker.last;
  FakeWorker.last.tell({
    kind: 'event',
    id,
    event: { type: 'silence', startSample: 0, endSample: 8000, speechRatio: 0 } as never,
  });
  const late: string[] = [];
  let isOver = false;
  stream.events$.subscribe({
    next: ({ type }) => late.push(type),
    complete: () => {
      isOver = true;
    },
  });
  FakeWorker.last.tell({ kind: 'event', id, event: { type: 'end', endSample: 16_000 } as never });
  FakeWorker.last.tell({ kind: 'answer', id, answer: undefined });
  await vi.waitFor(() => {
    expect(isOver).toBe(true);
  });
  expect(heard).toEqual(['silence', 'end']);
  expect(late).toEqual(['end']);
  model.close();
});
