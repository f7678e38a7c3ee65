import { describe, expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { Tracker, type IdentifyEvent } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, RATE, windowsOf, type Part } from './synthetic.js';

const random = randomNumbers(31);
const [A, B] = [randomVoice(random), randomVoice(random)];
const speakers = [profileFor('alice', A), profileFor('bob', B)];
const say = (voice: Float32Array | null, seconds: number): Part => ({ voice, seconds });

/** The windows of two channels by time. */
function inStep(scripts: readonly (readonly Part[])[], startSample = 0): EmbeddedWindow[] {
  const channels = scripts.map((parts, seed) => windowsOf(parts, { seed, startSample }));
  return channels[0]!.flatMap((_, i) =>
    channels.map((windows, index) => ({ ...windows[i]!, channel: { index, count: channels.length } })),
  );
}

describe('two channels', () => {
  test('keep what is told of a turn in progress when one of the other is given to another speaker', () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const told = inStep([[say(A, 4)], [say(B, 4)]]).flatMap((window) => tracker.push(window));
    const turns = told.filter((event) => event.type === 'tentative');
    expect(new Set(turns.map(({ turn, speaker, channel }) => `${turn} ${speaker} ${channel}`))).toEqual(
      new Set(['0 alice 0', '1 bob 1']),
    );
    const answer = tracker.command({ type: 'assign', turn: 0, speaker: 'bob' });
    expect(answer).toMatchObject([{ type: 'tentative', turn: 0, speaker: 'bob', channel: 0 }]);
    expect(tracker.command({ type: 'assign', turn: 1, speaker: 'alice' })).toMatchObject([
      { type: 'tentative', turn: 1, speaker: 'alice', channel: 1 },
    ]);
    const finals = tracker.flush().filter((event) => event.type === 'final');
    expect(finals.map(({ turn, speaker, channel }) => [turn, speaker, channel])).toEqual([
      [0, 'bob', 0],
      [1, 'alice', 1],
    ]);
  });

  test('lose audio together: that is told once, and is of neither', () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const first = inStep([[say(A, 4)], [say(null, 4)]]);
    const second = inStep([[say(null, 3)], [say(B, 3)]], 10 * RATE);
    const events: IdentifyEvent[] = [...first, ...second].flatMap((window) => tracker.push(window));
    events.push(...tracker.flush());
    const lags = events.filter(({ type }) => type === 'lag');
    expect(lags).toEqual([{ type: 'lag', startSample: 4 * RATE, lostSamples: 6 * RATE }]);
    const finals = events.filter((event) => event.type === 'final');
    expect(finals.map(({ speaker, channel }) => [speaker, channel])).toEqual([
      ['alice', 0],
      ['bob', 1],
    ]);
    const silences = events.filter((event) => event.type === 'silence');
    for (const { channel } of silences) expect([0, 1]).toContain(channel);
  });

  test('are refused where their number changes', () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const [window] = inStep([[say(A, 2)], [say(B, 2)]]);
    tracker.push(window!);
    expect(() => tracker.push({ ...window!, channel: { index: 0, count: 3 } })).toThrow(
      /a window of 3 channels came, those before are of 2/,
    );
  });
});
