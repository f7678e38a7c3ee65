import { firstValueFrom, from, Subject, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { track, Tracker, type IdentifyEvent } from '../../src/tracker/index.js';
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

test('passes an error on, and bad options at the subscription', async () => {
  const broken = new Subject<EmbeddedWindow>();
  const failed = firstValueFrom(broken.pipe(track(options), toArray()));
  broken.error(new Error('lost'));
  await expect(failed).rejects.toThrow('lost');
  await expect(firstValueFrom(from(windows).pipe(track({ ...options, threshold: 3 })))).rejects.toThrow(
    /threshold/,
  );
});
