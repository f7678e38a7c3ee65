import { createPackageWithOptions, listPackage } from '@electron/asar';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-asar-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What docs/bundlers.md gives for Forge, which hands it to asar as it is. */
const unpack = /asar: \{ unpack: '([^']+)' \}/.exec(
  readFileSync(join(import.meta.dirname, '../docs/bundlers.md'), 'utf8'),
)![1]!;

it('leaves what Node must open itself outside the archive, with the documented line', async () => {
  const outside = [
    'node_modules/whospeaks/package.json',
    'node_modules/whospeaks/dist/index.js',
    'node_modules/whospeaks/build/whospeaks.node',
    'node_modules/whospeaks/models/model.safetensors',
    'node_modules/@whospeaks/linux-x64/whospeaks.node',
  ];
  const inside = ['main.js', 'node_modules/rxjs/index.js'];
  for (const file of [...outside, ...inside]) {
    const path = join(folder, 'app', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
  const archive = join(folder, 'app.asar');
  await createPackageWithOptions(join(folder, 'app'), archive, { unpack });
  const isOutside = (file: string): boolean => existsSync(join(`${archive}.unpacked`, file));
  expect(outside.filter((file) => !isOutside(file))).toEqual([]);
  expect(inside.filter(isOutside)).toEqual([]);
  // Electron finds them through the archive's list.
  expect(listPackage(archive, { isPack: false })).toEqual(
    expect.arrayContaining([...outside, ...inside].map((file) => `/${file}`)),
  );
});
