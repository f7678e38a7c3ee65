import { lastValueFrom, toArray } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connect, TurnBook, type LiveWord, type StreamWord } from '../../src/client/index.js';
import { Random } from '../../src/evaluate/index.js';
import { nameWords } from '../../src/operators/name-words.js';
import { segmentsOfTurns } from '../../src/transcript/segment.js';
import { CuttingProxy, meetingPcm } from '../server/support.js';
import { realService } from './real-service.js';

const CUTS = 60;

it(`words of a stream cut ${CUTS} times are named as nameWords names them, none lost and none twice`, async () => {
  const server = await realService({ requestBurst: 1000 });
  onTestFinished(() => server.close());
  const random = new Random(5);
  const pcm = meetingPcm();
  const mean = (pcm.length * 0.6) / CUTS;
  const proxy: CuttingProxy = await CuttingProxy.start(server.port, () =>
    proxy.cuts >= CUTS ? Infinity : Math.ceil(2 * mean * random.next()) + 1,
  );
  onTestFinished(() => proxy.close());
  const stream = connect({
    url: `http://127.0.0.1:${proxy.port}`,
    WebSocket,
    live: false,
    words: true,
    maxAttempts: 1000,
    backoffMs: [1, 5],
  });
  const events = lastValueFrom(stream.events$.pipe(toArray()));
  const changes = lastValueFrom(stream.namedWords$.pipe(toArray()));
  const all: StreamWord[] = [];
  for (let at = 0; at * 32_000 < pcm.length; at++) {
    for (let i = 0; i < 10; i++) {
      await stream.send(pcm.subarray(at * 32_000 + i * 3200, at * 32_000 + (i + 1) * 3200));
    }
    const said = [0.1, 0.4, 0.7].map((after, i) => ({
      text: `w${3 * at + i}`,
      start: at + after,
      end: at + after + 0.2,
    }));
    stream.sendWords({ words: said.slice(0, 2), final: false });
    stream.sendWords({ words: said, final: true });
    all.push(...said);
  }
  stream.end();
  const turns = new TurnBook();
  for (const event of await events) turns.apply(event);
  const words = new Map<number, LiveWord>();
  for (const change of await changes) {
    if (change.type === 'removed') expect(words.delete(change.word)).toBe(true);
    if (change.type !== 'word') continue;
    expect(change.revision).toBe((words.get(change.word)?.revision ?? -1) + 1);
    words.set(change.word, change);
  }
  expect(proxy.cuts).toBe(CUTS);
  const expected = nameWords(all, segmentsOfTurns(turns.turns, { others: true }));
  expect(expected.filter(({ speaker }) => speaker === 'bob').length).toBeGreaterThan(5);
  expect([...words.values()].map(({ text, speaker, final }) => `${text} ${speaker} ${final}`)).toEqual(
    expected.map(({ text, speaker }) => `${text} ${speaker} true`),
  );
});
