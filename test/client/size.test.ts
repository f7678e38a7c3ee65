import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { runProgram } from '../helpers.js';

const LIMIT_BYTES = 25_000;

it('the client is under 25 kB gzipped, RxJS included, and the page loads nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'web-'));
  const built = await runProgram(process.execPath, ['scripts/build-web.mjs', '--sizes', `--out=${folder}`]);
  expect(built.code, built.stderr).toBe(0);
  const client = readFileSync(join(folder, 'client.js'));
  const gzipped = gzipSync(client, { level: 9 }).length;
  expect(gzipped).toBeLessThan(LIMIT_BYTES);
  expect(built.stdout).toMatch(new RegExp(`client\\.js +${client.length} B +${gzipped} B gzipped`));
  for (const file of ['client.js', 'page.js', 'capture-worklet.js'])
    expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(
      /\bfrom ?["']|(?<![.-])\bimport ?["'(]|\beval\(|new Function/,
    );
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).not.toMatch(
    /<style|style=|\bon\w+=|<script>|https?:/,
  );
});
