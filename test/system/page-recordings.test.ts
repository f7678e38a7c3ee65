import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordings } from '../../src/client/index.js';
import { readRttm } from '../../src/evaluate/index.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { AUDIO } from '../helpers.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const MEETING = `${AUDIO}/meeting.wav`;
const LONG = { timeout: 150_000 };
const TEST = { timeout: 240_000 };

describe('a whole recording, in the page', () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await realService({ maxRecordingBytes: 4_000_000 });
    browser = await launchChromium(MEETING);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function opened(url = server.url): Promise<{ page: Page; complaints: string[] }> {
    // Each with a storage of its own.
    const context = await browser.newContext({ viewport: { width: 1200, height: 1400 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    page.on('filechooser', () => undefined);
    await page.goto(url);
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    return { page, complaints };
  }

  async function chosen(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
    await page.locator('#whole-pick').focus();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(file);
  }
  const speakersIn = (page: Page): Promise<string[]> =>
    page.locator('#whole-lanes > li').evaluateAll((lanes) => lanes.map((lane) => lane.dataset['speaker']!));
  const done = (page: Page): Promise<void> => page.locator('#whole-result:visible').waitFor(LONG);

  it(
    'is sent, told, kept over a reload, played, named, saved and deleted, by the keyboard',
    TEST,
    async () => {
      const { page, complaints } = await opened();
      await chosen(page, MEETING);
      await page.locator('#whole-status', { hasText: 'Listening to meeting.wav' }).waitFor(LONG);
      expect(await axeFindings(page)).toEqual([]);
      // The job goes on without the page.
      await page.reload();
      await done(page);
      expect(await page.locator('#whole-status').innerText()).toMatch(
        /^meeting\.wav: 3 speakers in 0:4\d\. The server keeps it until /,
      );
      expect((await speakersIn(page)).toSorted()).toEqual(['alice', 'bob', 'unknown-1']);
      expect(await page.locator('#whole-lanes .lane-time').first().innerText()).toMatch(/^0:\d\d · \d+ %$/);
      expect(await page.locator('#whole-lanes .turn-bar').count()).toBe(
        await page.locator('#whole-segments > li').count(),
      );
      expect(await axeFindings(page)).toEqual([]);

      // The page has the sound no more, and asks for it.
      const play = page.locator('#whole-segments .play').nth(1);
      await play.focus();
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
      await chooser.setFiles(MEETING);
      const time = async (): Promise<number> =>
        page.locator('#whole-audio').evaluate((audio) => (audio as HTMLAudioElement).currentTime);
      const start = Number((await play.locator('time').getAttribute('datetime'))!.slice(2, -1));
      await expect.poll(time).toBeGreaterThan(start);
      expect(await time()).toBeLessThan(start + 5);
      await page.locator('#whole-segments > li[data-playing]').first().waitFor();
      expect(await axeFindings(page)).toEqual([]);

      await page
        .locator('#whole-lanes')
        .getByRole('button', { name: /^unknown-1/ })
        .focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type('bad/name');
      await page.keyboard.press('Enter');
      await page.locator('#name-error', { hasText: 'slash' }).waitFor();
      await page.locator('#name-input').fill('carol');
      await page.keyboard.press('Enter');
      await page.locator('#voices', { hasText: 'carol' }).waitFor();
      await expect.poll(() => speakersIn(page)).toContain('carol');
      expect(await page.locator('#whole-segments').innerText()).not.toContain('unknown');
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');

      const saved = async (format: string): Promise<{ name: string; text: string }> => {
        await page.locator('#whole-format').selectOption(format);
        await page.locator('#whole-save').focus();
        const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
        return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
      };
      const rttm = await saved('rttm');
      expect(rttm.name).toBe('meeting.rttm');
      expect(new Set(readRttm(rttm.text).map(({ speaker }) => speaker))).toEqual(
        new Set(await speakersIn(page)),
      );
      expect(await saved('vtt')).toEqual({
        name: 'meeting.vtt',
        text: expect.stringMatching(/^WEBVTT\n[^]*<v carol>/) as string,
      });
      expect((await saved('textgrid')).name).toBe('meeting.TextGrid');

      await page.locator('#whole-delete').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await page.locator('#whole-result').waitFor({ state: 'hidden' });
      expect((await recordings({ url: server.url }).list()).recordings).toEqual([]);
      await page.reload();
      await page.locator('#voices', { hasText: 'carol' }).waitFor();
      expect(await page.locator('#whole-status').innerText()).toBe('');
      // Of the name that was refused.
      expect(complaints).toEqual([expect.stringContaining('400 (Bad Request)')]);
    },
  );

  it('that is dropped waits for its turn, and can be cancelled', TEST, async () => {
    const first = await recordings({ url: server.url }).send(new Uint8Array(readFileSync(MEETING)));
    const { page } = await opened();
    const bytes = readFileSync(MEETING).toString('base64');
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], 'dropped.wav'));
      for (const type of ['dragover', 'drop'])
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
        );
    }, bytes);
    await page
      .locator('#whole-status', { hasText: 'dropped.wav waits at the server; one recording is' })
      .waitFor(LONG);
    expect(await axeFindings(page)).toEqual([]);
    await page.locator('#whole-cancel').focus();
    await page.keyboard.press('Enter');
    await page.locator('#whole-status:empty').waitFor({ state: 'attached' });
    const left = (await recordings({ url: server.url }).list()).recordings;
    expect(left.map(({ recording }) => recording)).toEqual([first.recording]);
    await recordings({ url: server.url }).remove(first.recording);
  });

  it('that cannot be told says why, and so does one that is not taken', TEST, async () => {
    const { page } = await opened();
    const trouble = page.locator('#whole-trouble');
    await chosen(page, { name: 'notes.wav', mimeType: 'audio/wav', buffer: Buffer.from('no sound at all') });
    await page.locator('#whole-status', { hasText: 'notes.wav could not be told.' }).waitFor(LONG);
    expect(await trouble.innerText()).toMatch(/^the recording .*wav/);
    await page.locator('#whole-count').fill('0');
    await chosen(page, MEETING);
    await trouble.filter({ hasText: 'Speakers: give a whole number' }).waitFor();
    await page.locator('#whole-count').fill('');
    await chosen(page, { name: 'long.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(4_000_001) });
    await trouble.filter({ hasText: 'long.wav is too large: this server takes 3 MiB at most.' }).waitFor();

    const closed = await realService({ maxRecordings: 0 }, ['alice']);
    onTestFinished(() => closed.close());
    const other = await opened(closed.url);
    await chosen(other.page, MEETING);
    await other.page
      .locator('#whole-trouble', { hasText: 'This server takes no whole recordings.' })
      .waitFor();
  });
});
