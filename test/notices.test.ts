import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noticesText } from '../scripts/notices/write.js';
import { ROOT } from './helpers.js';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('THIRD-PARTY-NOTICES.txt', () => {
  const text = read('THIRD-PARTY-NOTICES.txt');

  // That the text is what the packages say is checked by `npm run lint`: it needs every package installed, and the
  // microphone's, an optional one, does not install everywhere.
  it('is published', () => {
    const platforms = readdirSync(join(ROOT, 'npm')).map((name) => `npm/${name}/package.json`);
    for (const manifest of ['package.json', ...platforms]) {
      expect((JSON.parse(read(manifest)) as { files: string[] }).files).toContain('THIRD-PARTY-NOTICES.txt');
    }
  });

  it('names every package that users get, and no other', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dev?: boolean; version: string }>;
    };
    for (const [folder, { dev, version }] of Object.entries(lock.packages)) {
      const name = folder.split('node_modules/').at(-1)!;
      if (folder === '' || name === 'node-addon-api') continue;
      if (dev === true) expect(text).not.toContain(`\n${name} ${version}, `);
      else expect(text).toContain(`\n${name} ${version}, `);
    }
    expect(text).toContain('\nnode-addon-api ');
  });

  it('names the weights of others', () => {
    expect(text).toMatch(/^pyannote\/segmentation-3\.0 by Hervé Bredin, .*MIT, https:/m);
    expect(text).toContain('Copyright (c) 2022 CNRS');
    expect(read('models/segmentation/LICENSE')).toContain('Copyright (c) 2022 CNRS');
  });

  it('names what the decoders are made of, with the licences that go with them', () => {
    for (const line of [
      /^FFmpeg, in @humansignal\/audio-file-decoder, LGPL-2\.1-or-later, https:/m,
      /^mpg123, in mpg123-decoder, LGPL-2\.1-only, https:/m,
      /^libopus, in opus-decoder, BSD-3-Clause, https:/m,
      /^libvorbis, in @wasm-audio-decoders\/ogg-vorbis, BSD-3-Clause, https:/m,
      /^libFLAC, in @wasm-audio-decoders\/flac, BSD-3-Clause, https:/m,
      /GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1, February 1999/,
      /GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007/,
      /GNU GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007/,
      /decode-audio\.wasm is a file of its own/,
    ]) {
      expect(text).toMatch(line);
    }
  });
});

describe('a package', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'notices-'));
    put('node-addon-api', { license: 'MIT' }, { LICENSE: 'Copyright of node-addon-api' });
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function put(name: string, manifest: object, files: Record<string, string> = {}): void {
    const folder = join(root, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...manifest }));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  }
  function notices(...names: string[]): string {
    const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.2.3' }]));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
    return noticesText(root);
  }
  const LICENSE = { LICENSE: 'Copyright somebody\r\n\r\nDo what you like.  \r\n' };

  it('stands there with its version, licence, source and all its texts', () => {
    const repository = { url: 'git+https://github.com/somebody/thing.git' };
    put('thing', { license: 'MIT', repository }, { ...LICENSE, NOTICE: 'Please notice.' });
    expect(notices('thing')).toContain(
      '\nthing 1.2.3, MIT, https://github.com/somebody/thing\n\nCopyright somebody\n\nDo what you like.\n\nPlease notice.\n',
    );
  });

  it('shares a text that is the same', () => {
    put('one', { license: 'MIT' }, LICENSE);
    put('two', { license: 'MIT' }, LICENSE);
    expect(notices('one', 'two')).toContain('\none 1.2.3, MIT\ntwo 1.2.3, MIT\n\nCopyright somebody\n');
  });

  it.each([
    'GPL-3.0-only',
    'LGPL-2.1-or-later',
    'MPL-2.0',
    'SSPL-1.0',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE',
    '(MIT OR GPL-2.0-only)',
    'mit',
    '',
    undefined,
    ['MIT'],
    { type: 'MIT' },
  ])('is refused with the licence %j', (license) => {
    put('thing', { license }, LICENSE);
    expect(() => notices('thing')).toThrow(/^thing has the licence .*licences\.ts does not allow/);
  });

  it('is refused without a licence file', () => {
    put('thing', { license: 'MIT' });
    expect(() => notices('thing')).toThrow('thing has no licence file');
  });

  it.each([
    ['a.wasm', 'bytes'],
    ['a.js', 'new WebAssembly.Module(bytes)'],
    ['binding.gyp', '{}'],
  ])('is refused with compiled code of which nobody says whose it is: %s', (file, content) => {
    put('thing', { license: 'MIT' }, { ...LICENSE, [file]: content });
    expect(() => notices('thing')).toThrow('thing holds compiled code');
  });

  it('is missed where it is not installed', () => {
    expect(() => notices('thing')).toThrow('npm ci');
  });
});
