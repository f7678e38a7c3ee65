import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameWords } from '../../src/operators/name-words.js';
import type { EventMessage, NamedWordsEvent, StreamWord } from '../../src/protocol/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { asyncApi } from '../../src/server/documents/index.js';
import { clientMessageSchema } from '../../src/server/messages.js';
import { serverMessageSchema } from '../../src/server/reply-schemas.js';
import { segmentsOfTurns } from '../../src/transcript/segment.js';
import type { LiveWord } from '../../src/transcript/words/word-book.js';
import { TurnBook } from '../../src/transcript/turn-book.js';
import { SpeakerModel } from '../../src/index.js';
import { AUDIO } from '../helpers.js';
import { dataWithExamples, hello, meetingPcm, open, startServer, type Told } from './support.js';

const asking = { ...hello, words: true };
const word = (text: string, start: number, end = start + 0.3): StreamWord => ({ text, start, end });
const isWords = ({ event }: EventMessage): boolean => event.type === 'words';
const eventsOf = (client: Told): EventMessage[] =>
  client.messages.filter((message) => message.type === 'event');
const wordsOf = (client: Told): NamedWordsEvent[] =>
  eventsOf(client).flatMap(({ event }) => (event.type === 'words' ? [event] : []));

/** The words as they stand after these events, by their numbers. */
function standing(events: readonly NamedWordsEvent[]): Map<number, LiveWord> {
  const words = new Map<number, LiveWord>();
  for (const { removed, words: told } of events) {
    for (const number of removed) expect(words.delete(number)).toBe(true);
    for (const one of told) {
      expect(one.revision).toBe((words.get(one.word)?.revision ?? -1) + 1);
      words.set(one.word, one);
    }
  }
  return words;
}

describe('words over the socket', () => {
  let server: RunningServer;
  let model: SpeakerModel;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained();
    server = await startServer({ dataFolder: await dataWithExamples(), requestBurst: 1000 }, model);
  });
  afterAll(async () => {
    await server.close();
    model.close();
  });

  const begin = async (more: object = {}): Promise<Told> => {
    const client = await open(server);
    client.send({ ...asking, ...more });
    await client.wait('welcome');
    return client;
  };
  /** Seconds of the meeting, a second a message. */
  const send = async (client: Told, from: number, to: number): Promise<void> => {
    const pcm = meetingPcm();
    for (let i = from; i < to; i++) {
      // The welcome has credit for ten.
      if (i > 9) {
        await client.wait('ack', (ack) => (ack.sequence + 1) * 32_000 + ack.creditBytes >= (i + 1) * 32_000);
      }
      client.audio(i, pcm.subarray(i * 32_000, (i + 1) * 32_000));
    }
  };

  it('come back under the names that nameWords gives, the last of them before the end', async () => {
    const client = await begin();
    const all: StreamWord[] = [];
    let sequence = 0;
    const guess = (words: StreamWord[], final: boolean): void => {
      client.send({ type: 'words', sequence: sequence++, words, final });
    };
    for (let at = 0; at < 20; at++) {
      await send(client, at, at + 1);
      const said = [word(`a${at}`, at + 0.1), word(`b${at}`, at + 0.6)];
      guess([word('hm', at + 0.1)], false);
      guess([...said, word('more', at + 0.9)], false);
      guess(said, true);
      all.push(...said);
    }
    client.send({ type: 'end', messages: 20 });
    expect(await client.closed).toBe(1000);
    expect(eventsOf(client).map(({ id }) => id)).toEqual(eventsOf(client).map((_, i) => i + 1));
    expect(eventsOf(client).at(-1)!.event.type).toBe('end');
    expect(eventsOf(client).at(-2)!.event.type).toBe('words');
    const turns = new TurnBook();
    for (const { event } of eventsOf(client)) if (event.type !== 'words') turns.apply(event);
    const expected = nameWords(all, segmentsOfTurns(turns.turns, { others: true }));
    const told = [...standing(wordsOf(client))].sort(([a], [b]) => a - b);
    expect(told.map(([, { text, speaker }]) => `${text} ${speaker}`)).toEqual(
      expected.map(({ text, speaker }) => `${text} ${speaker}`),
    );
    const names = new Set(expected.map(({ speaker }) => speaker));
    expect([...names].sort()).toEqual(expect.arrayContaining(['alice', 'bob']));
    expect(told.every(([, { final }]) => final)).toBe(true);
    for (const message of client.messages) expect(serverMessageSchema.safeParse(message).success).toBe(true);
  });

  it('are told again with a higher revision where a turn gets another name', async () => {
    const client = await begin();
    await send(client, 0, 12);
    const said = Array.from({ length: 10 }, (_, i) => word(`w${i}`, i + 0.2));
    client.send({ type: 'words', sequence: 0, words: said, final: true });
    const { event: turn } = await client.wait(
      'event',
      ({ event }) => event.type === 'final' && event.speaker === 'alice' && event.end - event.start > 2,
    );
    if (turn.type !== 'final') throw new Error('no turn');
    const inTurn = said.filter(({ start, end }) => start > turn.start && end < turn.end);
    expect(inTurn.length).toBeGreaterThan(0);
    client.send({ type: 'assign', turn: turn.turn, speaker: 'bob' });
    const { id } = await client.wait('event', ({ event }) => event.type === 'correction');
    const { event } = await client.wait('event', (told) => told.id > id && isWords(told));
    if (event.type !== 'words') throw new Error('no words');
    for (const { text } of inTurn) {
      const again = event.words.find((one) => one.text === text)!;
      expect(again).toMatchObject({ speaker: 'bob', final: true });
      expect(again.revision).toBeGreaterThan(0);
    }
    client.socket.close(1000);
  });

  it('go on after a cut between them: nothing is lost, nothing is repeated', async () => {
    const first = await begin();
    const { session, resumeToken } = await first.wait('welcome');
    expect(await first.wait('welcome')).toMatchObject({ nextWords: 0 });
    await send(first, 0, 6);
    first.send({ type: 'words', sequence: 0, words: [word('one', 1)], final: true });
    first.send({ type: 'words', sequence: 1, words: [word('two', 2)], final: true });
    expect(await first.wait('ack', ({ nextWords }) => nextWords === 2)).toMatchObject({ type: 'ack' });
    // The first of the two answers came in, the second did not.
    const { id: lastEvent } = await first.wait('event', isWords);
    first.socket.terminate();
    await first.closed;
    const second = await open(server);
    second.send({ ...asking, resume: { session, token: resumeToken, lastEvent } });
    expect(await second.wait('welcome')).toMatchObject({ resumed: true, nextSequence: 6, nextWords: 2 });
    // A client that does not know whether "two" was taken says it again.
    second.send({ type: 'words', sequence: 1, words: [word('two', 2)], final: true });
    second.send({ type: 'words', sequence: 2, words: [word('three', 3)], final: true });
    second.send({ type: 'end', messages: 6 });
    expect(await second.closed).toBe(1000);
    const seen = [...eventsOf(first).filter(({ id }) => id <= lastEvent), ...eventsOf(second)];
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, i) => i + 1));
    const words = standing(seen.flatMap(({ event }) => (event.type === 'words' ? [event] : [])));
    expect([...words].map(([number, { text }]) => `${number} ${text}`)).toEqual([
      '0 one',
      '1 two',
      '2 three',
    ]);
    const another = await open(server);
    another.send({ ...hello, resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await another.closed).toBeGreaterThanOrEqual(4000);
  });

  it.each<[string, RegExp, unknown[]]>([
    ['transcript-times', /word 2 has no "start"/, [word('a', 1), { text: 'b', end: 2 }]],
    ['transcript-times', /word 1 has no "end"/, [{ text: 'b', start: 1, end: '2' }]],
    ['transcript-times', /ends at 1 s, before it starts/, [word('a', 2, 1)]],
    ['transcript-times', /times go backwards/, [word('a', 3), word('b', 1)]],
    ['transcript-times', /"late" starts at 1 s, after a final word at 2\.5 s/, [word('late', 1)]],
    ['transcript-ahead', /ends at 14\.4 s, but only 4\.0 s of audio/, [word('a', 14, 14.4)]],
    ['transcript-limit', /at most 100 words/, Array.from({ length: 101 }, () => word('a', 3))],
    ['transcript-limit', /word 1 is too long/, [word('a'.repeat(201), 3)]],
    ['transcript-format', /word 1 is none/, [{ ...word('a', 3), speaker: 'A' }]],
    ['transcript-format', /word 1 is none/, [word('', 3)]],
    ['transcript-format', /word 1 is none/, ['hello']],
  ])('that are none are refused with %s (%s), and the stream goes on', async (code, message, words) => {
    const client = await begin();
    await send(client, 0, 4);
    client.send({ type: 'words', sequence: 0, words: [word('good', 2.5)], final: true });
    client.send({ type: 'words', sequence: 1, words, final: true });
    const error = await client.wait('error');
    expect(error).toMatchObject({ code, fatal: false, answers: { type: 'words', sequence: 1 } });
    expect(error.message).toMatch(message);
    expect(serverMessageSchema.safeParse(error).success).toBe(true);
    // A guess says nothing of where final words may begin: up to 1 s before the last, and up to 10 s beyond the audio.
    client.send({ type: 'words', sequence: 2, words: [word('guess', 12)], final: false });
    client.send({ type: 'words', sequence: 3, words: [word('near', 1.6), word('again', 13.6)], final: true });
    client.send({ type: 'end', messages: 4 });
    expect(await client.closed).toBe(1000);
    expect([...standing(wordsOf(client)).values()].map(({ text }) => text)).toEqual([
      'good',
      'near',
      'again',
    ]);
  });

  it('go back no more than a second, in however many steps', async () => {
    const client = await begin();
    await send(client, 0, 4);
    for (const [sequence, start] of [2.5, 1.6, 0.9].entries()) {
      client.send({ type: 'words', sequence, words: [word('back', start)], final: true });
    }
    expect(await client.wait('error')).toMatchObject({ code: 'transcript-times', answers: { sequence: 2 } });
    client.socket.close(1000);
  });

  it('count from the start of the stream over skipped audio, and are bounded in 10 s of it alone', async () => {
    const client = await begin({ live: true });
    await send(client, 0, 2);
    client.audio(2, meetingPcm().subarray(0, 32_000), 60 * 16_000);
    for (const [sequence, from] of [0, 20, 40, 60].entries()) {
      const words = Array.from({ length: 100 }, (_, i) => word(`w${i}`, from + i / 20));
      client.send({ type: 'words', sequence, words, final: true });
    }
    client.send({ type: 'end', messages: 3 });
    expect(await client.closed).toBe(1000);
    expect(client.messages.filter(({ type }) => type === 'error')).toEqual([]);
    expect(standing(wordsOf(client)).size).toBe(400);
  });

  it('of channels go to who speaks on theirs, and are guessed apart', async () => {
    const client = await begin({ channels: 2, audio: 'channels' });
    const [left, right] = ['alice', 'bob'].map((name) => readFileSync(`${AUDIO}/${name}.wav`).subarray(44));
    for (let i = 0; i < 5; i++) {
      const second = Buffer.alloc(64_000);
      for (let at = 0; at < 32_000; at += 2) {
        left!.copy(second, 2 * at, 32_000 * i + at, 32_000 * i + at + 2);
        right!.copy(second, 2 * at + 2, 32_000 * i + at, 32_000 * i + at + 2);
      }
      client.audio(i, second);
    }
    const tell = (
      sequence: number,
      channel: number | undefined,
      final: boolean,
      ...words: StreamWord[]
    ): void => {
      client.send({ type: 'words', sequence, words, final, channel });
    };
    tell(0, 1, false, word('guess', 2));
    tell(1, 0, true, word('left', 2));
    tell(2, 1, true, word('right', 2), word('too', 3));
    tell(3, 0, true, word('late', 3));
    tell(4, 2, true, word('nowhere', 3));
    expect(await client.wait('error')).toMatchObject({
      code: 'transcript-format',
      message: 'words of channel 2, but the channels of this stream are 0 to 1',
      fatal: false,
      answers: { sequence: 4 },
    });
    client.send({ type: 'end', messages: 5 });
    expect(await client.closed).toBe(1000);
    const said = [...standing(wordsOf(client)).values()];
    expect(said.map(({ text, channel, speaker }) => `${text} ${channel} ${speaker}`)).toEqual([
      'left 0 alice',
      'right 1 bob',
      'too 1 bob',
      'late 0 alice',
    ]);
    const mixed = await begin();
    mixed.send({ type: 'words', sequence: 0, words: [], final: true, channel: 0 });
    expect(await mixed.wait('error')).toMatchObject({
      code: 'transcript-format',
      message: 'words of channel 0, but the channels of this stream are mixed',
    });
    mixed.socket.close(1000);
  });

  it('are bounded in number where they are dense', async () => {
    const client = await begin();
    await send(client, 0, 4);
    for (let i = 0; i < 3; i++) {
      const words = Array.from({ length: 100 }, (_, k) => word(`w${k}`, i + k / 200));
      client.send({ type: 'words', sequence: i, words, final: true });
    }
    expect(await client.wait('error')).toMatchObject({
      code: 'transcript-limit',
      message: expect.stringMatching(/300 words begin within 10 s; at most 200/) as string,
      answers: { sequence: 2 },
    });
    client.socket.close(1000);
  });

  it('of a stream that did not ask, or with a number missing, end the connection', async () => {
    const unasked = await open(server);
    unasked.send(hello);
    expect(await unasked.wait('welcome')).not.toHaveProperty('nextWords');
    unasked.send({ type: 'words', sequence: 0, words: [], final: true });
    expect(await unasked.wait('error')).toMatchObject({
      code: 'protocol-message',
      message: expect.stringMatching(/takes no words; say "words": true/) as string,
    });
    expect(await unasked.closed).toBe(4000);
    const gap = await begin();
    gap.send({ type: 'words', sequence: 1, words: [], final: true });
    expect(await gap.wait('error')).toMatchObject({ code: 'protocol-sequence' });
    expect(await gap.closed).toBe(4005);
    const shapeless = await begin();
    shapeless.send({ type: 'words', sequence: 0, words: 'hello', final: true });
    expect(await shapeless.closed).toBe(4000);
  });

  it('are too late after the end, which is no fault of the stream', async () => {
    const client = await begin();
    await send(client, 0, 4);
    client.send({ type: 'end', messages: 4 });
    client.send({ type: 'words', sequence: 0, words: [word('late', 1)], final: true });
    expect(await client.wait('error')).toMatchObject({ code: 'source-closed', fatal: false });
    expect(await client.closed).toBe(1000);
  });

  it('go over a pipe that asks for them in its URL, and by HTTP into the stream of a page', async () => {
    const raw = await open(server, {
      path: '/v1/stream?encoding=s16le&sampleRateHz=16000&live=false&words=true',
    });
    const { session } = await raw.wait('welcome');
    raw.socket.send(meetingPcm(4));
    await raw.wait('ack', ({ sequence }) => sequence >= 0);
    const post = (body: object, id = session): Promise<Response> =>
      fetch(`${server.url}/v1/sessions/${id}/words`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    expect((await post({ words: [word('gue', 1)], final: false })).status).toBe(204);
    expect((await post({ words: [word('guess', 1)], final: true })).status).toBe(204);
    await raw.wait('event', ({ event }) => event.type === 'words' && event.words[0]?.text === 'guess');
    const backwards = await post({ words: [word('b', 3), word('a', 1)], final: true });
    expect(backwards.status).toBe(422);
    expect(await backwards.json()).toMatchObject({ error: { code: 'transcript-times' } });
    expect((await post({ words: [], final: 1 })).status).toBe(400);
    expect((await post({ words: [], final: true }, 's_none')).status).toBe(404);
    const unasked = await open(server);
    unasked.send(hello);
    const other = await unasked.wait('welcome');
    const refused = await post({ words: [], final: true }, other.session);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { code: 'protocol-message' } },
    ]);
    unasked.socket.close(1000);
    raw.socket.close(1000);
  });

  it('are described: what the description takes, the server takes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const { messages } = (
      asyncApi().channels as { stream: { messages: Record<string, { payload: object }> } }
    ).stream;
    const told = { type: 'words', sequence: 3, final: true, words: [word('a', 1)] };
    expect(ajv.validate(messages.words!.payload, told)).toBe(true);
    expect(clientMessageSchema.safeParse(told).success).toBe(true);
    for (const words of [[{ text: 'a', start: 1 }], Array.from({ length: 101 }, () => word('a', 1))]) {
      expect(ajv.validate(messages.words!.payload, { ...told, words })).toBe(false);
    }
  });
});
