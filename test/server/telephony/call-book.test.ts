import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/server/access/principal.js';
import { CallBook } from '../../../src/server/telephony/call-book.js';
import type { Call } from '../../../src/server/telephony/call.js';
import type { StartMessage } from '../../../src/server/telephony/dialect.js';

const of = (group: string): Principal => ({ tokenId: group, group, isOperator: false });
const start = (call: string): StartMessage => ({
  event: 'start',
  sequence: 1,
  stream: 'MZ1',
  call,
  tracks: null,
  encoding: 'mulaw',
  parameters: {},
});
const bookOf = (maxEnded: number): CallBook =>
  new CallBook({
    waitSeconds: 60,
    soundTimeoutSeconds: 300,
    maxEnded,
    openSession: () => {
      throw new Error('no track here');
    },
    mayStay: () => true,
    onBegun: () => undefined,
    onEnded: () => undefined,
    isRead: () => true,
  });
const begin = (book: CallBook, group: string, id: string): Call => {
  const call = book.of(of(group), 'telnyx', start(id), 0);
  call.attach(start(id), { end: () => undefined }, 0);
  return call;
};
const listed = (book: CallBook, group: string): string[] => book.list(group).calls.map(({ call }) => call);

describe('calls that are kept', () => {
  it('are the last that ended, and a group with many makes no other one forget', () => {
    const book = bookOf(3);
    for (const [group, id] of [
      ['few', 'a'],
      ['many', 'b'],
      ['many', 'c'],
      ['many', 'd'],
      ['many', 'e'],
    ] as const)
      begin(book, group, id).finish(null, 0);
    book.tick(1);
    expect([listed(book, 'few'), listed(book, 'many')]).toEqual([['a'], ['d', 'e']]);
  });

  it('keep no more than some megabytes of what they tell, and say what is gone', () => {
    const call = begin(bookOf(1), 'a', 'long');
    const detail = 'x'.repeat(10_000);
    for (let i = 0; i < 1000; i++) call.take({ event: 'error', detail }, 0, 0);
    const { missed, messages } = call.after(0, Infinity);
    expect(messages.join('').length).toBeLessThan(4 * 1024 * 1024);
    expect(missed).toEqual({ from: 1, to: 1001 - messages.length });
  });

  it('end without sound in time', () => {
    const book = bookOf(1);
    const call = begin(book, 'a', 'silent');
    book.tick(299_999);
    expect(call.state).toBe('connected');
    book.tick(300_000);
    expect(JSON.parse(call.after(0, Infinity).messages.at(-1)!)).toMatchObject({
      type: 'ended',
      error: { code: 'server-timeout' },
    });
  });
});
