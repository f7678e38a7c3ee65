import { describe, expect, test } from 'vitest';
import { Tracker, type TrackCommand } from '../../src/tracker/index.js';
import { StrangerShare } from '../../src/tracker/stranger-share.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, mixed, profileFor, randomVoice, turnsOf } from './synthetic.js';

const random = randomNumbers(47);
const [alice, other] = [randomVoice(random), randomVoice(random)] as [Float32Array, Float32Array];
function people(count: number): VoiceSet {
  const set = new VoiceSet(null);
  set.enrol(Array.from({ length: count }, (_, i) => profileFor(`speaker ${i}`, randomVoice(random))));
  return set;
}
const shareOf = (count: number, fixed?: number): StrangerShare => new StrangerShare(people(count), fixed);

describe('how likely a turn is a stranger’s', () => {
  test('at first as likely as any one enrolled speaker’s; surely, where nobody is enrolled', () => {
    expect([0, 1, 2, 4].map((count) => shareOf(count).value)).toEqual([1, 1 / 2, 1 / 3, 1 / 5]);
  });

  test('is the mean of what the turns were, and of one turn before them', () => {
    const share = shareOf(1);
    share.learn(0, 1);
    expect(share.value).toBeCloseTo((0.5 + 1) / 2, 12);
    share.learn(1, 0.2);
    expect(share.value).toBeCloseTo((0.5 + 1.2) / 3, 12);
    // A turn judged anew counts once.
    share.learn(0, 0);
    expect(share.value).toBeCloseTo((0.5 + 0.2) / 3, 12);
    share.restart();
    expect(share.value).toBe(0.5);
  });

  test('stays between 0.15 and 0.85, and follows the last 64 turns', () => {
    const share = shareOf(1);
    for (let turn = 0; turn < 500; turn++) share.learn(turn, 1);
    expect(share.value).toBe(0.85);
    for (let turn = 500; turn < 532; turn++) share.learn(turn, 0);
    expect(share.value).toBeCloseTo(32.5 / 65, 12);
    for (let turn = 532; turn < 1000; turn++) share.learn(turn, 0);
    expect(share.value).toBe(0.15);
  });

  test('is not learnt where it is given', () => {
    const share = shareOf(1, 0.3);
    share.learn(0, 1);
    expect(share.value).toBe(0.3);
    expect(shareOf(0, 0.3).value).toBe(1);
  });
});

describe('in a tracker', () => {
  const like = mixed(other, alice, 0.45);
  const strangers = Array.from({ length: 6 }, () => randomVoice(random));
  const speakers = [profileFor('alice', alice), profileFor('bob', randomVoice(random))];
  /** Named easily, so that the share decides. */
  const easily = { speakers, model: MODEL, falseAcceptRate: 0.2 };
  const lastOf = (voices: readonly Float32Array[], options = {}): string => {
    const tracker = new Tracker({ ...easily, ...options });
    const events = [...turnsOf(voices).flatMap((window) => tracker.push(window)), ...tracker.flush()];
    return finalsOf(events).at(-1)!.speaker;
  };

  test('who resembles a speaker is named among few strangers and not among many', () => {
    expect(lastOf([like])).toBe('alice');
    expect(lastOf([...strangers, like])).not.toBe('alice');
    expect(lastOf([...strangers, like], { unknownPrior: 1 / 3 })).toBe('alice');
  });

  test('a speaker is known after hours of strangers', () => {
    const hours = Array.from({ length: 200 }, (_, i) => strangers[i % strangers.length]!);
    expect(lastOf([...hours, alice])).toBe('alice');
    expect(lastOf([...hours, mixed(other, alice, 0.6)])).toBe('alice');
  });

  test('is learnt anew once others are enrolled, or one of the strangers', () => {
    const dana = strangers[0]!;
    const after = (command: TrackCommand | null): string => {
      const tracker = new Tracker(easily);
      const before = turnsOf(Array.from({ length: 12 }, () => dana)).flatMap((window) =>
        tracker.push(window),
      );
      expect(finalsOf(before).every(({ speaker }) => speaker === 'unknown-1')).toBe(true);
      if (command !== null) {
        expect(tracker.command(command).every(({ type }) => type !== 'warning')).toBe(true);
      }
      const events = turnsOf([like], { at: 12 }).flatMap((window) => tracker.push(window));
      return finalsOf([...events, ...tracker.flush()]).at(-1)!.speaker;
    };
    expect(after(null)).not.toBe('alice');
    expect(after({ type: 'speakers', speakers })).toBe('alice');
    expect(after({ type: 'name', label: 'unknown-1', speaker: 'dana' })).toBe('alice');
  });
});
