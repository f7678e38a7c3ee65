import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenBook, type TokenRecord } from '../../src/server/access/tokens.js';
import { runHere } from '../cli-in-process.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'whospeaks-token-'))));
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('whospeaks token', () => {
  it('adds with an expiry, lists without hashes, revokes, and uses no name twice', async () => {
    const file = ['--file', join(folder, 'tokens.json')];
    const records = (): TokenRecord[] =>
      (JSON.parse(readFileSync(file[1]!, 'utf8')) as { tokens: TokenRecord[] }).tokens;
    const first = await runHere(['token', ...file, '--group', 'team-a']);
    expect(statSync(file[1]!).mode & 0o777).toBe(0o600);
    const second = await runHere([
      'token',
      'add',
      ...file,
      '--group',
      'team-a',
      '--expires',
      '30d',
      '--operator',
    ]);
    const days = (Date.parse(records()[1]!.expiresAt!) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(30, 2);

    const list = await runHere(['token', 'list', ...file]);
    expect(list.stdout).toMatch(
      /^team-a-1 {2}group team-a\nteam-a-2 {2}group team-a, operator, expires 20.*\n$/,
    );
    const json = await runHere(['token', 'list', '--json', ...file]);
    expect(json.stdout).not.toContain(records()[0]!.sha256);
    expect(JSON.parse(json.stdout)).toMatchObject({ tokens: [{ id: 'team-a-1' }, { operator: true }] });

    expect((await runHere(['token', 'revoke', 'team-a-1', ...file])).code).toBe(0);
    const book = new TokenBook(records());
    expect(book.verify(first.stdout.trim())).toEqual({ refused: 'unknown' });
    expect(book.verify(second.stdout.trim())).toMatchObject({ principal: { tokenId: 'team-a-2' } });
    await runHere(['token', ...file, '--group', 'team-a']);
    expect(records().map(({ id }) => id)).toEqual(['team-a-2', 'team-a-3']);

    const gone = await runHere(['token', 'revoke', 'team-a-1', ...file]);
    expect([gone.code, gone.stderr]).toEqual([8, expect.stringContaining('has no token "team-a-1"')]);
  });

  it('refuses an expiry that is past or none, and a file that is none', async () => {
    const file = ['--file', join(folder, 'tokens.json')];
    for (const expires of ['2020-01-31', 'soon', '0h', '30'])
      expect((await runHere(['token', ...file, '--expires', expires])).code).toBe(2);
    writeFileSync(file[1]!, '[]');
    expect((await runHere(['token', 'list', ...file])).stderr).toContain('[server-config]');
  });
});
