import { firstValueFrom, from, Subject, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { track, Tracker, type IdentifyEvent, type TrackCommand } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, windowsOf } from './synthetic.js';

const random = randomNumbers(5);
const [A, B] = [randomVoice(random), randomVoice(random)];
const options = { speakers: [profileFor('alice', A), profileFor('bob', B)], model: MODEL };
const windows = windowsOf([
  { voice: A, seconds: 3 },
  { voice: B, seconds: 3 },
]);

test('tells what the tracker tells, the flush included, anew for each subscription', async () => {
  const tracker = new Tracker(options);
  const expected = [...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()];
  const tracked = from(windows).pipe(track(options), toArray());
  expect(await firstValueFrom(tracked)).toEqual(expected);
  expect(await firstValueFrom(tracked)).toEqual(expected);
  expect(expected.at(-1)).toMatchObject({ type: 'end' });
});

test('tells each event as soon as its window has come', () => {
  const live = new Subject<EmbeddedWindow>();
  const heard: IdentifyEvent[] = [];
  live.pipe(track(options)).subscribe((event) => heard.push(event));
  live.next(windows[0]!);
  expect(heard).toMatchObject([{ type: 'tentative', speaker: 'alice' }]);
});

test('passes an error on, and bad options at the call', async () => {
  const broken = new Subject<EmbeddedWindow>();
  const failed = firstValueFrom(broken.pipe(track(options), toArray()));
  broken.error(new Error('lost'));
  await expect(failed).rejects.toThrow('lost');
  expect(() => track({ ...options, threshold: 3 })).toThrow(/^track: option "threshold"/);
});

test('a command that is none is refused, and the stream goes on', async () => {
  const bad: unknown[] = [
    { type: 'name', label: 'unknown-1' },
    { type: 'name', label: 'unknown-1', speaker: 7 },
    { type: 'speakers' },
    { type: 'speakers', speakers: [null] },
    { type: 'speakers', speakers: [{ ...profileFor('alice', A), centroid: A.map(() => NaN) }] },
    { type: 'speakrs', speakers: [] },
  ];
  const commands = from(bad as TrackCommand[]);
  const events = await firstValueFrom(from(windows).pipe(track({ ...options, commands }), toArray()));
  const refused = events.filter((event) => event.type === 'warning');
  expect(refused.map(({ code }) => code)).toEqual(bad.map(() => 'command-refused'));
  expect(refused.map(({ command }) => command?.type)).toEqual([
    undefined,
    undefined,
    'speakers',
    'speakers',
    'speakers',
    undefined,
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'end' });
});

test('what a callback throws is the error of the stream, at its end too', async () => {
  const long = windowsOf([{ voice: A, seconds: 12 }]);
  const adapt = (): never => {
    throw new Error('disk full');
  };
  await expect(firstValueFrom(from(long).pipe(track({ ...options, adapt }), toArray()))).rejects.toThrow(
    'disk full',
  );
});

test('a command that is given while events are told waits until they are', () => {
  const commands = new Subject<TrackCommand>();
  const live = new Subject<EmbeddedWindow>();
  const told: string[] = [];
  live.pipe(track({ ...options, commands })).subscribe((event) => {
    told.push(event.type);
    // A refusal is told as an event.
    if (event.type === 'final') commands.next({ type: 'name', label: 'unknown-9', speaker: 'dana' });
  });
  for (const window of windows) live.next(window);
  live.complete();
  expect(told.filter((type) => type === 'warning').length).toBe(
    told.filter((type) => type === 'final').length,
  );
  expect(told.slice(-2)).toEqual(['end', 'warning']);
});

test('an embedding that is no unit vector is refused with a code', async () => {
  const zero = windows.map((window) => ({ ...window, embedding: window.embedding?.map(() => NaN) ?? null }));
  await expect(firstValueFrom(from(zero).pipe(track(options), toArray()))).rejects.toMatchObject({
    code: 'invalid-option',
  });
});
