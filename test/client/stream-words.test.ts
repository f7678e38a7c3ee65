import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { LiveWordEvent, Notice } from '../../src/client/index.js';
import { eventually, fakeStreams, opened, until } from './streams.js';

const { serve, start } = fakeStreams();
const bytes = (length: number): Uint8Array => new Uint8Array(length);

describe('words of a stream', () => {
  it('200 cuts at random: every word arrives once and in order, but for guesses that were replaced', async () => {
    const service = await serve();
    const stream = start(service, { words: true, maxAttempts: 1000 });
    await stream.send(bytes(32_000 * 20));
    const told: string[] = [];
    for (let cuts = 0; cuts < 200; cuts++) {
      await opened(stream);
      for (let i = 0; i < 3; i++) {
        const text = `w${told.length}`;
        stream.sendWords({ words: [{ text: `${text}?`, start: 1, end: 2 }], final: false });
        stream.sendWords({ words: [{ text, start: 1, end: 2 }], final: true });
        told.push(text);
      }
      if (cuts % 3 === 0) await eventually(() => service.session.words.length > cuts);
      service.cut();
      await until(stream.status$, (status) => status.state !== 'open');
    }
    stream.sendWords({ words: [{ text: 'guess', start: 1, end: 2 }], final: false });
    stream.end();
    await lastValueFrom(stream.events$, { defaultValue: undefined });
    expect(service.sessions).toHaveLength(1);
    const { words } = service.session;
    expect(words.map(({ sequence }) => sequence)).toEqual(words.map((_, i) => i));
    const finals = words.filter(({ final }) => final).flatMap((message) => message.words);
    expect(finals.map(({ text }) => text)).toEqual(told);
    expect(words.at(-1)).toMatchObject({ final: false, words: [{ text: 'guess' }] });
    expect(() => {
      stream.sendWords({ words: [], final: true });
    }).toThrow(expect.objectContaining({ code: 'source-closed' }) as Error);
  });

  it('words wait for their audio, and go on in the numbers and the time of the whole after a new session', async () => {
    const service = await serve();
    const stream = start(service, { words: true });
    const named: LiveWordEvent[] = [];
    stream.namedWords$.subscribe((event) => named.push(event));
    const notices: Notice[] = [];
    stream.notices$.subscribe((notice) => notices.push(notice));
    const say = (text: string, at: number): void => {
      stream.sendWords({ words: [{ text, start: at, end: at + 0.2 }], final: true });
    };
    const tell = (word: number, text: string): void => {
      const heard = { speaker: 'alice', known: true, probability: 1 };
      const words = [{ word, text, start: 0.5, end: 0.7, revision: 0, final: true, ...heard }];
      service.tell({ type: 'words', removed: [], words });
    };
    await stream.send(bytes(32_000));
    await opened(stream);
    say('later', 1.5);
    say('far', 3);
    await eventually(() => service.audioOf().length === 32_000);
    expect(service.session.words).toEqual([]);
    await stream.send(bytes(32_000));
    await eventually(() => service.session.words.length === 1);
    tell(0, 'later');
    await eventually(() => named.length === 1);
    service.forget = true;
    service.cut();
    await until(stream.events$, ({ type }) => type === 'restarted');
    say('gone', 1);
    await stream.send(bytes(64_000));
    await eventually(() => service.session.words.length >= 1 && service.sessions.length === 2);
    expect(service.session.words[0]).toMatchObject({ sequence: 0, words: [{ text: 'far', start: 1 }] });
    tell(0, 'far');
    await eventually(() => named.length === 3);
    expect(named).toMatchObject([
      { type: 'word', word: 0, text: 'later', start: 0.5 },
      { type: 'dropped', before: 1 },
      { type: 'word', word: 1, text: 'far', start: 2.5, end: 2.7 },
    ]);
    service.send({
      type: 'error',
      code: 'transcript-ahead',
      message: 'too far',
      fatal: false,
      answers: { type: 'words', sequence: 0 },
    });
    await eventually(() => notices.some((notice) => 'code' in notice && notice.code === 'transcript-ahead'));
  });

  it('a stream without words takes none, and asks for none', async () => {
    const service = await serve();
    const stream = start(service);
    await opened(stream);
    expect(service.hellos[0]).not.toHaveProperty('words');
    expect(() => {
      stream.sendWords({ words: [], final: true });
    }).toThrow(expect.objectContaining({ code: 'invalid-option' }) as Error);
  });
});
