import { describe, expect, it } from 'vitest';
import { Tracker, type IdentifyEvent, type Learnt } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, mixed, profileFor, randomVoice, turnsOf } from './synthetic.js';

const random = randomNumbers(31);
const [alice, other] = [randomVoice(random), randomVoice(random)] as [Float32Array, Float32Array];
const speakers = [profileFor('alice', alice), profileFor('bob', randomVoice(random))];
/**
 * Strangers as likely throughout, so that what is tested does not hang on how their share is learnt; and named easily, so
 * that there is something to find out.
 */
const options = { speakers, model: MODEL, unknownPrior: 0.2, falseAcceptRate: 0.2 };

/** A voice that makes this cosine with alice's. */
const like = (cosine: number): Float32Array => mixed(other, alice, cosine);

/** What a tracker tells of the turns, and of the end. */
function talk(
  voices: readonly Float32Array[],
  tracker = new Tracker(options),
  manner?: Parameters<typeof turnsOf>[1],
): IdentifyEvent[] {
  return [...turnsOf(voices, manner).flatMap((window) => tracker.push(window)), ...tracker.flush()];
}
const names = (events: readonly IdentifyEvent[]): string[] => finalsOf(events).map(({ speaker }) => speaker);

describe('what later turns show of earlier ones', () => {
  const stranger = like(0.45);

  it('a stranger who came first and was taken for a speaker is found out when the speaker is heard', () => {
    const events = talk([stranger, alice, stranger]);
    // Told once and not contradicted; what proved wrong is corrected, and the stranger is known from then on.
    expect(names(events)).toEqual(['alice', 'alice', 'unknown-1']);
    const [first, second] = finalsOf(events);
    expect(events.filter(({ type }) => type === 'correction')).toMatchObject([
      { turn: 0, was: 'alice', speaker: 'unknown-1', known: false, revision: first!.revision + 1 },
    ]);
    const at = events.findIndex(({ type }) => type === 'correction');
    expect(at).toBeGreaterThan(events.indexOf(second!));
    expect(names(talk([stranger, stranger]))).toEqual(['alice', 'alice']);
  });

  it('what was learnt from that turn is forgotten', () => {
    const score = (voices: readonly Float32Array[]): number => finalsOf(talk(voices)).at(-1)!.score;
    expect(score([stranger, alice, alice])).toBeCloseTo(score([alice, alice]), 2);
  });

  it('several turns of one stranger are found out as one, and each is corrected once', () => {
    const longer = Array.from({ length: 6 }, () => alice);
    const events = talk([stranger, stranger, stranger, ...longer], undefined, { seconds: 8 });
    const corrections = events.filter((event) => event.type === 'correction');
    expect(corrections.map(({ turn }) => turn).sort()).toEqual([0, 1, 2]);
    expect(new Set(corrections.map(({ speaker }) => speaker))).toEqual(new Set(['unknown-1']));
  });

  it('an adaptation waits until the turn cannot be taken back, and is withdrawn where it is', () => {
    const adapted = (voices: readonly Float32Array[]): number[] => {
      const learnt: number[] = [];
      const adapt = ({ turn }: Learnt): void => {
        learnt.push(turn);
      };
      talk(voices, new Tracker({ ...options, adapt }), { seconds: 8 });
      return learnt;
    };
    expect(adapted([alice, alice])).toEqual([0, 1]);
    const like55 = like(0.55);
    expect(adapted([like55, like55])).toContain(1);
    expect(adapted([like55, like55, alice, alice, alice, alice])).toEqual([2, 3, 4, 5]);
  });

  it('who was taken for a speaker for long does not deny them', () => {
    const minutes = Array.from({ length: 8 }, () => stranger);
    const inNoise = mixed(randomVoice(random), alice, 0.7);
    const told = names(talk([...minutes, inNoise], undefined, { seconds: 8 }));
    expect(told).toEqual([...minutes.map(() => 'alice'), 'alice']);
  });

  it('who is enrolled no more, or anew from another recording, keeps what was told', () => {
    for (const next of ['carol', 'alice']) {
      const tracker = new Tracker(options);
      const before = turnsOf([alice, alice]).flatMap((window) => tracker.push(window));
      // Another voice: the turns before are nothing like it.
      tracker.command({ type: 'speakers', speakers: [profileFor(next, other)] });
      const events = [...before, ...talk([other, other], tracker, { at: 2 })];
      expect(names(events)).toEqual(['alice', 'alice', next, next]);
      expect(events.some(({ type }) => type === 'correction')).toBe(false);
    }
  });

  it('and teaches the new profile nothing', () => {
    const learnt: string[] = [];
    const tracker = new Tracker({ ...options, adapt: ({ speaker }) => learnt.push(speaker) });
    const before = turnsOf([alice, alice], { seconds: 8 }).flatMap((window) => tracker.push(window));
    expect(names(before)).toContain('alice');
    tracker.command({ type: 'speakers', speakers: [profileFor('alice', other)] });
    tracker.flush();
    expect(learnt).toEqual([]);
  });

  it('nor how it scores: once all are enrolled anew a turn is judged as at the beginning', () => {
    const anew = [profileFor('alice', other), profileFor('bob', randomVoice(random))];
    const faint = mixed(randomVoice(random), other, 0.5);
    const judged = (tracker: Tracker, at: number) => {
      const { speaker, score, probability } = finalsOf(talk([faint], tracker, { at })).at(-1)!;
      return { speaker, score, probability };
    };
    const heard = new Tracker(options);
    for (const window of turnsOf([like(0.6), like(0.6), like(0.6)])) heard.push(window);
    heard.command({ type: 'speakers', speakers: anew });
    expect(judged(heard, 3)).toEqual(judged(new Tracker({ ...options, speakers: anew }), 0));
  });

  it('a stranger whose turns vouch for each other is found out when enough was heard of both', () => {
    const who = like(0.5);
    // Each of these turns is likelier alice's than not, as long as the others count as hers.
    const events = talk([who, who, who, who, alice, alice, who, alice]);
    expect(names(events)).toEqual([...Array.from({ length: 6 }, () => 'alice'), 'unknown-1', 'alice']);
    const corrections = events.filter((event) => event.type === 'correction');
    expect(corrections.map(({ turn, was, speaker }) => [turn, was, speaker])).toEqual(
      [0, 1, 2, 3].map((turn) => [turn, 'alice', 'unknown-1']),
    );
    for (const { probability } of corrections) expect(probability).toBeGreaterThanOrEqual(0.9);
    // Alice's second turn is what shows it: four seconds of her are not enough.
    const second = events.findIndex((event) => event.type === 'final' && event.turn === 5);
    expect(events.indexOf(corrections[0]!)).toBeGreaterThan(second);
  });

  it('what that stranger taught is forgotten, by the adaptations too', () => {
    const who = like(0.5);
    const learnt: number[] = [];
    const adapt = ({ turn }: Learnt): void => {
      learnt.push(turn);
    };
    const script = [who, who, who, who, alice, alice, alice];
    const events = talk(script, new Tracker({ ...options, adapt }), { seconds: 8 });
    expect(names(events)).toEqual(script.map(() => 'alice'));
    expect(learnt).toEqual([4, 5, 6]);
    const score = finalsOf(talk([alice, alice, alice], undefined, { seconds: 8 })).at(-1)!.score;
    expect(finalsOf(events).at(-1)!.score).toBeCloseTo(score, 2);
  });

  it("a cosine of the user's own is not overruled", () => {
    const faint = like(0.2);
    const events = talk([faint, faint, faint], new Tracker({ speakers, model: MODEL, threshold: 0.1 }));
    expect(names(events)).toEqual(['alice', 'alice', 'alice']);
    expect(events.some(({ type }) => type === 'correction')).toBe(false);
    const own = new Tracker({ speakers, model: MODEL, threshold: 0.3 });
    const both = talk([like(0.5), like(0.5), alice, alice, alice], own, { seconds: 8 });
    expect(names(both)).toEqual(both.filter(({ type }) => type === 'final').map(() => 'alice'));
    expect(both.some(({ type }) => type === 'correction')).toBe(false);
  });

  it('no true turn is taken back by a voice that stays as it is', () => {
    const events = talk(Array.from({ length: 40 }, (_, i) => (i % 3 === 2 ? other : alice)));
    expect(events.filter((event) => event.type === 'correction' && event.was === 'alice')).toEqual([]);
    expect(names(events)).toEqual(
      Array.from({ length: 40 }, (_, i) => (i % 3 === 2 ? 'unknown-1' : 'alice')),
    );
  });
});
