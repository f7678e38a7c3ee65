import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import type { Browser } from 'playwright-core';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import { sizes } from '../../../scripts/build-browser.mjs';
import { AUDIO } from '../../helpers.js';
import { complaintsOf, launchChromium } from '../chromium.js';
import { builtAssets, ROOT, serveSite } from './site.js';

/** Wasm and programs of a page, as they are sent. The weights come beside them, once. */
const LIMIT_BYTES = 400_000;

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-browser-bundles-'));
let browser: Browser;

/** A page that embeds a second of noise, with the library from wherever the bundler has put it. */
function program(options: string): string {
  return `
    import { SpeakerModel, assetsIn } from 'whospeaks/browser';
    const noise = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i * i));
    SpeakerModel.fromPretrained(${options})
      .then((model) => model.embed(noise, 16000))
      .then(({ length }) => { document.title = 'embedded ' + length; },
        (error) => { document.title = error.code + ' ' + error.message; });
    void assetsIn;`;
}

beforeAll(async () => {
  builtAssets();
  mkdirSync(join(folder, 'node_modules'));
  // As it is installed: the exports of package.json, and what it needs.
  for (const name of ['rxjs', 'zod', 'tslib'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(ROOT, join(folder, 'node_modules/whospeaks'));
  browser = await launchChromium(join(AUDIO, 'alice.wav'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** What the page says, once it is served under a strict policy: `into` holds what the bundler wrote. */
async function said(into: string, script: string): Promise<{ title: string; complaints: string[] }> {
  const page = `<!doctype html><title>waits</title><script type="module" src="/site/${script}"></script>`;
  const site = await serveSite(
    new Map([
      ['', page],
      ['site', into],
    ]),
  );
  const tab = await browser.newPage();
  const complaints = complaintsOf(tab);
  try {
    await tab.goto(site.url);
    await expect.poll(() => tab.title(), { timeout: 120_000 }).not.toBe('waits');
    return { title: await tab.title(), complaints };
  } finally {
    await tab.close();
    await site.close();
  }
}

describe('whospeaks/browser in a bundle', () => {
  it('works with Vite, which finds its files', async () => {
    const [entry, outDir] = [join(folder, 'vite.js'), join(folder, 'vite')];
    writeFileSync(entry, program(''));
    await vite({
      root: folder,
      base: '/site/',
      configFile: false,
      logLevel: 'silent',
      worker: { format: 'es' },
      build: {
        outDir,
        emptyOutDir: true,
        rolldownOptions: { input: entry, output: { entryFileNames: 'page.js' } },
      },
    });
    expect(await said(outDir, 'page.js')).toEqual({ title: 'embedded 256', complaints: [] });
  });

  it('works with webpack, which finds its files', async () => {
    const [entry, path] = [join(folder, 'webpack.js'), join(folder, 'webpack')];
    writeFileSync(entry, program(''));
    await new Promise<void>((resolve, reject) => {
      const output = { path, filename: 'page.js', publicPath: '/site/' };
      // 'none' would leave the modules as text for eval.
      const optimization = { minimize: false };
      webpack(
        { mode: 'production', target: 'web', context: folder, entry, output, optimization },
        (error, stats) => {
          const fault =
            error ?? (stats?.hasErrors() ? new Error(stats.toString({ all: false, errors: true })) : null);
          if (fault) reject(fault);
          else resolve();
        },
      );
    });
    expect(await said(path, 'page.js')).toEqual({ title: 'embedded 256', complaints: [] });
  });

  it('works with esbuild, where its files are copied into a folder', async () => {
    const [entry, into] = [join(folder, 'esbuild.js'), join(folder, 'esbuild')];
    writeFileSync(entry, program("{ assets: assetsIn('/site/') }"));
    await esbuild({
      entryPoints: [entry],
      outfile: join(into, 'page.js'),
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
    });
    for (const [to, from] of builtAssets()) copyFileSync(from, join(into, to));
    expect(await said(into, 'page.js')).toEqual({ title: 'embedded 256', complaints: [] });
  });
});

describe('what a browser downloads', () => {
  it('is bounded, and makes no code of text', () => {
    const assets = builtAssets();
    const gzipped = (name: string): number => sizes(assets.get(name)!).gzipped;
    for (const core of ['whospeaks-relaxed.wasm', 'whospeaks-simd.wasm', 'whospeaks-scalar.wasm'])
      expect(gzipped('worker.js') + gzipped(core), core).toBeLessThan(LIMIT_BYTES);
    expect(sizes(assets.get('model.safetensors')!).raw).toBeLessThan(2_800_000);
    for (const file of [assets.get('worker.js')!, join(ROOT, 'dist/browser/index.js')]) {
      const text = readFileSync(file, 'utf8');
      expect(text).not.toMatch(/\beval\(|new Function\(|\bnode:/);
      // A store's method is called so too.
      expect(text).not.toMatch(/(?<!\.|async )\bimport ?\(/);
    }
  });
});
