import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { AUDIO } from '../helpers.js';
import { ROOT } from '../setup/built-sources.js';
import { bundled, serveSite } from './browser/memory-site.js';
import { builtAssets } from './browser/site.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const LONG = { timeout: 120_000 };

it(
  'the WebRTC example labels the participants of a call made of two tabs',
  { timeout: 300_000 },
  async () => {
    const assets = builtAssets();
    const programs = await bundled({
      call: join(ROOT, 'examples/webrtc/call.ts'),
    });
    const site = await serveSite((path) => {
      if (path === 'index.html') return readFileSync(join(ROOT, 'examples/webrtc/index.html'));
      const file = assets.get(path);
      return programs.get(path) ?? (file !== undefined && existsSync(file) ? readFileSync(file) : undefined);
    });
    const browser = await launchChromium(`${AUDIO}/meeting.wav`);
    try {
      const context = await browser.newContext();
      const opened = async (): Promise<{ page: Page; complaints: string[] }> => {
        const page = await context.newPage();
        const complaints = complaintsOf(page);
        await page.goto(site.origin);
        return { page, complaints };
      };
      const first = await opened();
      for (const name of ['alice', 'bob']) {
        await first.page.locator('#name').fill(name);
        await first.page.locator('#voice').setInputFiles(`${AUDIO}/${name}.wav`);
        await first.page.getByRole('button', { name: 'Enrol' }).click();
        await first.page.locator('#enrolled', { hasText: name }).waitFor(LONG);
      }
      const second = await opened();
      await second.page.locator('#enrolled', { hasText: 'alice, bob' }).waitFor(LONG);
      for (const { page } of [first, second])
        await page.getByRole('button', { name: 'Join the call' }).click();

      const turnsIn = (page: Page): Promise<string[]> =>
        page.locator('#participants ol > li').allTextContents();
      for (const { page } of [first, second]) {
        await expect.poll(() => turnsIn(page), LONG).toContain('bob');
        expect((await turnsIn(page)).slice(0, 2)).toEqual(['alice', 'bob']);
        expect(await page.locator('#participants > li').count()).toBe(1);
      }
      expect(await axeFindings(first.page)).toEqual([]);
      expect(second.complaints).toEqual([]);
      await second.page.close();
      await first.page.locator('#participants strong', { hasText: 'left the call' }).waitFor(LONG);
      expect(await first.page.locator('#trouble').innerText()).toBe('');
      expect(first.complaints).toEqual([]);
    } finally {
      await browser.close();
      await site.close();
    }
  },
);
