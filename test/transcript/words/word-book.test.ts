import { of, Subject, toArray, lastValueFrom, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { nameWords } from '../../../src/operators/name-words.js';
import { segmentsOfTurns } from '../../../src/transcript/segment.js';
import { TurnBook, type TurnEvent } from '../../../src/transcript/turn-book.js';
import { WordBook, type LiveWordEvent, type WordsEvent } from '../../../src/transcript/words/word-book.js';
import { correctionOf, finalOf, RATE_HZ, tentativeOf } from '../../events/build.js';
import { randomNumbers } from '../../random.js';

type Args = [turn: number, revision: number, speaker: string, start: number, end: number];
const told = (...[turn, revision, speaker, start, end]: Args) => ({ turn, revision, speaker, start, end });
const tentative = (...args: Args): TurnEvent => tentativeOf(told(...args));
const final = (...args: Args): TurnEvent => finalOf(told(...args));
const correction = (was: string, ...args: Args): TurnEvent => correctionOf(told(...args), was);
const end = (seconds: number): TurnEvent => ({ type: 'end', endSample: seconds * RATE_HZ });
const words = (isFinal: boolean, ...told: (readonly [string, number, number])[]): WordsEvent => ({
  final: isFinal,
  words: told.map(([text, start, stop]) => ({ text, start, end: stop })),
});
const brief = (events: readonly LiveWordEvent[]) =>
  events.map((event) =>
    event.type !== 'word'
      ? event.type === 'removed'
        ? `-${event.word}`
        : `<${event.before}`
      : `${event.word}.${event.revision} ${event.text} ${event.speaker}${event.final ? '!' : ''}`,
  );

describe('words of a stream', () => {
  it('are named at once, and told again as guesses, turns and corrections come', () => {
    const book = new WordBook();
    expect(brief(book.apply(tentative(0, 0, 'unknown', 0, 2)))).toEqual([]);
    expect(brief(book.tell(words(false, ['hello', 0.5, 1], ['bop', 1.2, 1.6])))).toEqual([
      '0.0 hello unknown',
      '1.0 bop unknown',
    ]);
    expect(brief(book.apply(tentative(0, 1, 'alice', 0, 3)))).toEqual(['0.1 hello alice', '1.1 bop alice']);
    expect(brief(book.tell(words(true, ['hello', 0.5, 1])))).toEqual(['-1']);
    expect(brief(book.tell(words(true, ['bob.', 1.2, 1.6])))).toEqual(['1.0 bob. alice']);
    expect(brief(book.apply(final(0, 2, 'alice', 0, 3)))).toEqual(['0.2 hello alice!', '1.1 bob. alice!']);
    expect(brief(book.apply(final(0, 2, 'alice', 0, 3)))).toEqual([]);
    expect(brief(book.apply(correction('alice', 0, 3, 'carol', 0, 3)))).toEqual([
      '0.3 hello carol!',
      '1.2 bob. carol!',
    ]);
  });

  it('of a channel go to who speaks on it, before its turn is settled too', () => {
    const book = new WordBook();
    const on = (channel: number, event: TurnEvent): TurnEvent => ({ ...event, channel }) as TurnEvent;
    book.apply(on(0, tentative(0, 0, 'alice', 0, 4)));
    book.apply(on(1, tentative(1, 0, 'bob', 1, 4)));
    const both = [0, 1].map((channel) => ({ text: `w${channel}`, start: 2, end: 2.4, channel }));
    expect(brief(book.tell({ words: both, final: true }))).toEqual(['0.0 w0 alice', '1.0 w1 bob']);
    // One turn is settled, the other is not.
    expect(brief(book.apply(on(0, final(0, 1, 'carol', 0, 4))))).toEqual(['0.1 w0 carol']);
    expect(brief(book.apply(on(1, final(1, 1, 'bob', 1, 4))))).toEqual(['0.2 w0 carol!', '1.1 w1 bob!']);
  });

  it('of a channel are guessed apart from those of another, however far one recogniser is behind', () => {
    const book = new WordBook();
    const tell = (channel: number, event: WordsEvent): string[] => brief(book.tell({ ...event, channel }));
    for (const [channel, speaker] of ['alice', 'bob'].entries()) {
      book.apply({ ...final(channel, 0, speaker, 0, 60), channel } as TurnEvent);
    }
    expect(tell(0, words(false, ['left', 40, 41]))).toEqual(['0.0 left alice']);
    expect(tell(1, words(false, ['right', 40, 41]))).toEqual(['1.0 right bob']);
    // A final word takes the first number; the other channel's guess stays.
    expect(tell(0, words(true, ['left', 40, 41]))).toEqual(['0.1 left alice!']);
    expect(tell(1, words(true, ['early', 2, 3]))).toEqual(['1.1 early bob!']);
    const renamed = { ...correction('bob', 1, 1, 'carol', 0, 60), channel: 1 } as TurnEvent;
    expect(brief(book.apply(renamed))).toEqual(['1.2 early carol!']);
  });

  it('are renamed by turns only where they are near', () => {
    const book = new WordBook();
    book.apply(final(0, 0, 'alice', 0, 10));
    book.tell(words(true, ['early', 1, 2]));
    book.tell(words(true, ['late', 31, 32]));
    expect(book.words.map(({ speaker }) => speaker)).toEqual(['alice', 'unknown']);
    expect(brief(book.apply(final(1, 0, 'bob', 30, 33)))).toEqual(['1.1 late bob!']);
    expect(brief(book.apply(end(40)))).toEqual([]);
  });

  it('lose the name of a turn that is shorter than was believed', () => {
    const book = new WordBook();
    book.apply(tentative(0, 0, 'alice', 0, 10));
    expect(brief(book.tell(words(true, ['late', 8, 8.4])))).toEqual(['0.0 late alice']);
    expect(brief(book.apply(tentative(0, 1, 'alice', 0, 4)))).toEqual(['0.1 late unknown']);
  });

  it('beside a turn that is corrected have its new name, and those far behind it are not looked at', () => {
    const book = new WordBook();
    const turns = 500;
    for (let i = 0; i < turns; i++) book.apply(final(i, 0, `s${i % 50}`, 4 * i, 4 * i + 3));
    for (let i = 0; i < turns; i++) {
      const many = Array.from({ length: 8 }, (_, k): [string, number, number] => {
        const start = 4 * i + k / 2 + 0.1;
        return [`w${k}`, start, start + 0.3];
      });
      book.tell(words(true, ...many));
    }
    expect(book.words[6]).toMatchObject({ start: 3.1, speaker: 's0' });
    const startMs = performance.now();
    for (let revision = 1; revision <= 200; revision++) {
      const [was, now] = revision % 2 === 0 ? ['carol', 's0'] : ['s0', 'carol'];
      const renamed = book.apply(correction(was, 0, revision, now, 0, 3));
      expect(renamed.map((event) => event.type === 'word' && event.word)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
    // Some hundred times as many words follow.
    expect(performance.now() - startMs).toBeLessThan(6000);
  });

  it('end as the whole recording would be named, in whatever order both came', async () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 20; round++) {
      const turns: TurnEvent[] = [];
      const told: WordsEvent[] = [];
      const places: [number, number][] = [];
      for (let i = 0, at = 0; i < 12; i++) {
        const stop = at + 1 + Math.round(4 * random());
        turns.push(
          tentative(i, 0, 'unknown', at, at + 1),
          final(i, 1, `s${Math.floor(3 * random())}`, at, stop),
        );
        places.push([at, stop]);
        at = stop + Math.round(random());
      }
      for (let at = 0; at < 40; at += 0.5) {
        told.push(words(false, ['guess', at, at + 0.2]), words(true, [`w${at}`, at, at + 0.4]));
      }
      const [start, stop] = places[3]!;
      turns.push(correction('x', 3, 9, 'carol', start, stop), end(60));
      const book = new WordBook();
      const whole = new TurnBook();
      for (const event of turns) whole.apply(event);
      for (let w = 0, t = 0; w < told.length || t < turns.length;) {
        if (t >= turns.length || (w < told.length && random() < 0.8)) book.tell(told[w++]!);
        else book.apply(turns[t++]!);
      }
      const all = told.filter((event) => event.final).flatMap((event) => event.words);
      const named = nameWords(all, segmentsOfTurns(whole.turns, { others: true }));
      expect(book.words.map(({ text, speaker }) => `${text} ${speaker}`)).toEqual(
        named.map(({ text, speaker }) => `${text} ${speaker}`),
      );
      expect(book.words.every((word) => word.final)).toBe(true);
      const events = await lastValueFrom(nameWords(from(told), from(turns)).pipe(toArray()));
      const last = new Map<number, string>();
      for (const event of events) {
        if (event.type === 'removed') last.delete(event.word);
        if (event.type === 'word') last.set(event.word, `${event.text} ${event.speaker}`);
      }
      expect([...last.keys()].sort((a, b) => a - b).map((key) => last.get(key))).toEqual(
        named.map(({ text, speaker }) => `${text} ${speaker}`),
      );
    }
  });

  it('follow a new session to its place', () => {
    const book = new WordBook();
    book.apply(final(0, 0, 'alice', 0, 10));
    book.apply({ type: 'restarted', offsetSeconds: 100 });
    book.tell(words(true, ['again', 101, 101.5]));
    expect(brief(book.apply(final(0, 0, 'bob', 0, 5)))).toEqual(['0.1 again bob!']);
  });

  it('are not settled by the end of the session before', () => {
    const book = new WordBook();
    book.apply(final(0, 0, 'alice', 0, 10));
    book.tell(words(true, ['bye', 10.5, 11]));
    expect(brief(book.apply(end(12)))).toEqual(['0.1 bye alice!']);
    expect(brief(book.apply({ type: 'restarted', offsetSeconds: 100 }))).toEqual([]);
    expect(brief(book.tell(words(true, ['again', 101, 101.5])))).toEqual(['1.0 again unknown']);
    expect(brief(book.apply(final(0, 0, 'bob', 0, 5)))).toEqual(['1.1 again bob!']);
  });

  it('are let go when there are too many, an eighth at once, and that is told', () => {
    const book = new WordBook(16);
    book.apply(final(0, 0, 'alice', 0, 100));
    const told: string[] = [];
    for (let i = 0; i < 25; i++) told.push(...brief(book.tell(words(true, [`w${i}`, i, i + 0.5]))));
    expect(told.filter((event) => event.startsWith('<'))).toEqual(['<3', '<6', '<9']);
    expect(told.indexOf('<3')).toBe(told.indexOf('16.0 w16 alice!') + 1);
    expect(book.words.map(({ word }) => word)).toEqual(Array.from({ length: 16 }, (_, i) => 9 + i));
    const events = book.apply(correction('alice', 0, 1, 'bob', 0, 100));
    expect(brief(events)[0]).toBe('9.1 w9 bob!');
    expect(events).toHaveLength(16);
    // A guess stays, however many there are.
    const guess = words(false, ...Array.from({ length: 20 }, (_, i) => ['g', 30 + i, 30.5 + i] as const));
    expect(book.tell(guess).at(-1)).toEqual({ type: 'dropped', before: 25 });
    expect(book.words.map(({ word }) => word)).toEqual(Array.from({ length: 20 }, (_, i) => 25 + i));
  });

  it('are renamed by a correction where its turn is, and nowhere else', () => {
    const book = new WordBook();
    for (let i = 0; i < 30; i++) book.apply(final(i, 0, i % 2 === 0 ? 'alice' : 'bob', 10 * i, 10 * i + 10));
    for (let at = 1; at < 300; at += 2) book.tell(words(true, [`w${at}`, at, at + 0.4]));
    const renamed = book.apply(correction('alice', 10, 1, 'carol', 100, 110));
    expect(renamed.map((event) => (event.type === 'word' ? `${event.start} ${event.speaker}` : ''))).toEqual(
      [101, 103, 105, 107, 109].map((at) => `${at} carol`),
    );
  });

  it('come of two Observables, which both must complete', () => {
    const told = new Subject<WordsEvent>();
    const seen: string[] = [];
    nameWords(told, of(final(0, 0, 'alice', 0, 10))).subscribe({
      next: (event) => seen.push(...brief([event])),
      complete: () => seen.push('complete'),
    });
    told.next(words(true, ['hi', 1, 2]));
    expect(seen).toEqual(['0.0 hi alice!']);
    told.complete();
    expect(seen.at(-1)).toBe('complete');
    expect(() => nameWords([] as never, of(end(1)) as never)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }) as Error,
    );
  });

  it('are none where they have no times, or an option is misspelt', () => {
    const refused = (message: RegExp): Error =>
      expect.objectContaining({
        code: 'invalid-option',
        message: expect.stringMatching(message) as string,
      }) as Error;
    const book = new WordBook();
    expect(() => book.tell(words(true, ['hi', NaN, 1]))).toThrow(refused(/option "words\.0\.start".* NaN/));
    expect(() => book.tell({ text: 'hi' } as never)).toThrow(refused(/option "words": expected array/));
    expect(book.words).toEqual([]);
    const errors: unknown[] = [];
    const bad = { words: [null], final: true } as unknown as WordsEvent;
    nameWords(of(bad), of(end(1))).subscribe({
      error: (error) => errors.push(error),
    });
    expect(errors).toEqual([refused(/"words\.0"/)]);
    expect(() => nameWords([], [], { voice: {} } as never)).toThrow(refused(/unknown option "voice"/));
    expect(() => nameWords([], [], { voices: 1 } as never)).toThrow(refused(/hearWords resolves with/));
  });
});
