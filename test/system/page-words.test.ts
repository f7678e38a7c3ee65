import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readTranscript } from '../../src/index.js';
import type { SessionListReply } from '../../src/protocol/index.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { AUDIO } from '../helpers.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const MEETING = `${AUDIO}/meeting.wav`;
const LONG = { timeout: 90_000 };
const TEST = { timeout: 200_000 };
/** A word a second, of the whole meeting. */
const WORDS = Array.from({ length: 20 }, (_, i) => ({ word: `w${i}`, start: i + 0.6, end: i + 0.9 }));

describe('words, in the page', () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await realService({ bufferSeconds: 60, refuseWhenBehind: false });
    browser = await launchChromium(MEETING);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function opened(): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 1400 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(server.url);
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    return { page, complaints };
  }
  const captionsIn = (page: Page, list = '#captions'): Promise<string[]> =>
    page
      .locator(`${list} > li`)
      .evaluateAll((lines) =>
        lines.map((line) => `${line.dataset['speaker']}:${line.querySelector('.said')!.textContent}`),
      );

  it('of a recogniser beside the stream are captions with names, and saved', TEST, async () => {
    const { page, complaints } = await opened();
    expect(await page.locator('#captions-part').isVisible()).toBe(false);
    await page.locator('#start').click();
    const session = async (): Promise<{ session: string; receivedSeconds: number } | undefined> =>
      ((await (await fetch(`${server.url}/v1/sessions`)).json()) as SessionListReply).sessions[0];
    await expect.poll(async () => (await session())?.receivedSeconds ?? 0, LONG).toBeGreaterThan(6);
    const { session: id } = (await session())!;
    const say = async (final: boolean, ...words: [string, number][]): Promise<void> => {
      const body = { final, words: words.map(([text, start]) => ({ text, start, end: start + 0.3 })) };
      const reply = await fetch(`${server.url}/v1/sessions/${id}/words`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      expect(reply.status).toBe(204);
    };
    await say(false, ['Helo', 1]);
    await expect.poll(() => captionsIn(page), LONG).toEqual(['alice: Helo']);
    await say(true, ['Hello', 1], ['there.', 1.5]);
    await say(false, ['Yes', 5.6]);
    await expect.poll(() => captionsIn(page), LONG).toEqual(['alice: Hello there.', 'bob: Yes']);
    await page.locator('#captions > li[data-final="false"]', { hasText: 'Yes' }).waitFor();
    await page.locator('#captions > li[data-final="true"]', { hasText: 'Hello there.' }).waitFor(LONG);
    expect(await axeFindings(page)).toEqual([]);

    // Whose it was is told again, with its words.
    const assign = page
      .locator('#turns > li', { has: page.locator('[data-speaker="alice"], .who', { hasText: 'alice' }) })
      .getByRole('button', { name: /^Say whose turn/ })
      .first();
    await assign.focus();
    await page.keyboard.press('Enter');
    await page.locator('#name-input').fill('bob');
    await page.keyboard.press('Enter');
    await expect.poll(() => captionsIn(page), LONG).toContain('bob: Hello there.');

    await page.locator('#start').click();
    await page.locator('#status', { hasText: 'Stopped' }).waitFor(LONG);
    await page.locator('#captions').focus();
    await page.keyboard.press('Shift+Tab');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(file.suggestedFilename()).toMatch(/\.vtt$/);
    const told = readTranscript(readFileSync(await file.path(), 'utf8'));
    expect(told.words.map(({ text }) => text)).toEqual(['Hello', 'there.', 'Yes']);
    expect(complaints).toEqual([]);
  });

  it(
    'of a transcript that is dropped with its recording are captions with names, and saved',
    TEST,
    async () => {
      const { page, complaints } = await opened();
      const files = [
        ['meeting.json', Buffer.from(JSON.stringify({ text: '', words: WORDS })).toString('base64')],
        ['meeting.wav', readFileSync(MEETING).toString('base64')],
      ];
      const drop = (dropped: string[][]): Promise<void> =>
        page.evaluate((named) => {
          const data = new DataTransfer();
          for (const [name, text] of named)
            data.items.add(new File([Uint8Array.from(atob(text!), (c) => c.charCodeAt(0))], name!));
          document.body.dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
          );
        }, dropped);
      await drop(files.slice(0, 1));
      await page.locator('#whole-words-hint', { hasText: 'meeting.json goes with the recording' }).waitFor();
      expect(await page.locator('#whole-status').innerText()).toBe('');
      await drop(files);
      await page.locator('#whole-words-part:visible').waitFor(LONG);
      expect(await captionsIn(page, '#whole-words')).toEqual([
        'alice: w0 w1 w2 w3',
        'bob: w4 w5 w6 w7 w8 w9',
        'alice: w10 w11 w12 w13 w14',
        'unknown-1: w15 w16 w17 w18 w19',
      ]);
      expect(await page.locator('#whole-words-note').innerText()).toBe('');
      expect(await axeFindings(page)).toEqual([]);
      await page.locator('#whole-format').selectOption('md');
      await page.locator('#whole-save').focus();
      const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      expect(file.suggestedFilename()).toBe('meeting.md');
      expect(readFileSync(await file.path(), 'utf8')).toMatch(/^\*\*bob\*\* \(.*\): w4 w5/m);
      // The transcript went with that recording, and with no other.
      expect(await page.locator('#whole-words-hint').innerText()).toMatch(/^What a recogniser wrote/);
      expect(complaints).toEqual([]);
    },
  );
});
