import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { isTextLog, textLines } from '../../src/server/logger.js';

describe('the log as text', () => {
  it('is one line an entry, and a client’s words reach no control of the terminal', () => {
    const out = new PassThrough();
    const logger = pino({ base: null }, textLines(out));
    logger.info({ session: 's_1', seconds: 1.5 }, 'stream closed');
    logger.warn({ origin: 'https://evil\u001b[2J\u009b\n.example', voices: ['a'] }, 'an origin was refused');
    logger.error('it failed');
    const lines = (out.read() as Buffer).toString().split('\n');
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
      'stream closed (session s_1, seconds 1.5)',
      'warning: an origin was refused (origin https://evil?[2J??.example, voices ["a"])',
      'error: it failed',
      '',
    ]);
  });

  it('is what a terminal gets, and whoever asks for it', () => {
    expect([isTextLog('auto', true), isTextLog('auto', false)]).toEqual([true, false]);
    expect([isTextLog('json', true), isTextLog('text', false)]).toEqual([false, true]);
  });
});
