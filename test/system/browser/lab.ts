import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { complaintsOf, launchChromium } from '../chromium.js';
import { builtAssets, ROOT, serveSite, type Site } from './site.js';

const PAGE = '<!doctype html><title>whospeaks</title><script type="module" src="/page.js"></script>';

/** Chromium with the tests' page open. */
export interface Lab {
  readonly page: Page;
  readonly browser: Browser;
  readonly site: Site;
  /** What the browser complains about. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** @param flags more of Chromium's */
export async function openLab(flags: readonly string[] = []): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-browser-'));
  await build({
    entryPoints: [join(ROOT, 'test/system/browser/page.ts')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    alias: { 'whospeaks/browser': join(ROOT, 'src/browser/index.ts') },
    logLevel: 'warning',
  });
  const files = new Map([
    ['', PAGE],
    ['page.js', join(folder, 'page.js')],
    ['audio', join(ROOT, 'examples/audio')],
  ]);
  for (const [to, from] of builtAssets()) files.set(`assets/${to}`, from);
  const site = await serveSite(files);
  const browser = await launchChromium(join(ROOT, 'examples/audio/alice.wav'), flags);
  const page = await browser.newPage();
  const complaints = complaintsOf(page);
  await page.goto(site.url);
  // Not by `waitForFunction`, which makes code of text: the page's policy forbids that.
  await vi.waitFor(
    async () => {
      expect(await page.evaluate('typeof lab')).toBe('object');
    },
    { timeout: 60_000 },
  );
  return {
    page,
    browser,
    site,
    complaints,
    close: async () => {
      await browser.close();
      await site.close();
      rmSync(folder, { recursive: true });
    },
  };
}
