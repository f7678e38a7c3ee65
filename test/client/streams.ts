import { filter, firstValueFrom, type Observable } from 'rxjs';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type ConnectOptions, type SpeakerStream } from '../../src/client/index.js';
import { FakeService, type FakeOptions } from './fake-service.js';

/** Fake services and streams to them, which end with each test of the file that calls it. */
export function fakeStreams() {
  const open: { services: FakeService[]; streams: SpeakerStream[] } = { services: [], streams: [] };
  afterEach(async () => {
    for (const stream of open.streams.splice(0)) stream.close();
    for (const service of open.services.splice(0)) await service.stop();
  });
  return {
    serve: async (options?: FakeOptions): Promise<FakeService> => {
      const service = await FakeService.start(options);
      open.services.push(service);
      return service;
    },
    start: (service: FakeService, options: Partial<ConnectOptions> = {}): SpeakerStream => {
      const stream = connect({ url: service.url, WebSocket, backoffMs: [1, 5], ...options });
      stream.events$.subscribe({ error: () => undefined });
      open.streams.push(stream);
      return stream;
    },
  };
}

export const until = <T>(values$: Observable<T>, wanted: (value: T) => boolean): Promise<T> =>
  firstValueFrom(values$.pipe(filter(wanted)));

export const opened = (stream: SpeakerStream) => until(stream.status$, ({ state }) => state === 'open');

export async function eventually(wanted: () => boolean): Promise<void> {
  while (!wanted()) await new Promise((resolve) => setTimeout(resolve, 2));
}
