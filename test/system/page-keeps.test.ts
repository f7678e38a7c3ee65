import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { wavFile } from '../../src/client/index.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { AUDIO } from '../helpers.js';
import { meetingPcm } from '../server/support.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const RATE_HZ = 16_000;
const LONG = { timeout: 60_000, interval: 200 };

/** The first seconds of the meeting, as a file. */
function part(seconds: number): { name: string; mimeType: string; buffer: Buffer } {
  const pcm = meetingPcm(seconds);
  const samples = Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(2 * i) / 32_768);
  return { name: 'monday.wav', mimeType: 'audio/wav', buffer: Buffer.from(wavFile(samples, RATE_HZ)) };
}

const focusOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    return focused?.getAttribute('aria-label') ?? (focused?.id || (focused?.tagName.toLowerCase() ?? ''));
  });

/** Press Tab until this control has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focusOf(page)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to "${name}"`);
}

const speakersIn = (page: Page): Promise<string[]> =>
  page.locator('#turns > li').evaluateAll((rows) => rows.map((row) => row.dataset['speaker'] ?? ''));

describe('the page loses nothing, by the keyboard alone', () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await realService({ bufferSeconds: 60, refuseWhenBehind: false });
    browser = await launchChromium(`${AUDIO}/meeting.wav`);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function opened(): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    onTestFinished(() => page.close());
    const complaints = complaintsOf(page);
    // Dialogs for files are caught from the first listener on, a moment after it is added; later ones may come too late.
    page.on('filechooser', () => undefined);
    await page.goto(server.url);
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    return { page, complaints };
  }

  /** Plays a recording to its end, and then the focus is somewhere. */
  async function played(page: Page, seconds: number): Promise<void> {
    // While it starts or ends a stream the button does nothing.
    await page.locator('#play:not([aria-disabled=true])').focus();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(part(seconds));
    await page.locator('#start', { hasText: 'Stop' }).waitFor();
    await page.locator('#start', { hasText: 'Start listening' }).waitFor({ timeout: 60_000 });
    expect(await focusOf(page)).not.toBe('body');
  }

  it('"Really?" is taken back by Escape and by leaving; a removal can be undone', async () => {
    const { page } = await opened();
    await tabTo(page, 'Remove alice');
    await page.keyboard.press('Enter');
    expect(await focusOf(page)).toBe('Really remove alice?');
    await page.keyboard.press('Escape');
    expect(await focusOf(page)).toBe('Remove alice');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.getByRole('button', { name: 'Really remove alice?' }).count()).toBe(0);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.locator('#people-undo', { hasText: 'alice was removed' }).waitFor();
    expect(await page.locator('#voices').innerText()).not.toContain('alice');
    expect(await focusOf(page)).toBe('Undo the removal of alice');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    expect(await page.locator('#people-undo').innerText()).toBe('');
    expect(await focusOf(page)).not.toBe('body');
    expect((await fetch(`${server.url}/v1/speakers/alice`)).status).toBe(200);
  });

  it('a dialog keeps what was typed, and says inside it what is wrong', async () => {
    const { page } = await opened();
    await tabTo(page, 'Rename alice');
    await page.keyboard.press('Enter');
    await page.keyboard.type('bob');
    await page.keyboard.press('Enter');
    await page.locator('#name-error', { hasText: 'bob' }).waitFor();
    expect(await page.locator('#name-dialog[open] #name-input').inputValue()).toBe('bob');
    expect(await focusOf(page)).toBe('name-input');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#name-dialog:not([open])').waitFor({ state: 'attached' });
    expect(await focusOf(page)).toBe('Rename alice');
    expect(await page.locator('#voices').innerText()).toContain('alice');
  });

  it(
    'Start goes on with the meeting, a reload keeps it, and "New meeting" asks before it forgets it',
    { timeout: 150_000 },
    async () => {
      const { page, complaints } = await opened();
      await played(page, 9);
      const first = await speakersIn(page);
      expect(first.length).toBeGreaterThan(0);
      expect(first).toContain('alice');
      expect(await page.locator('#meeting-title').innerText()).toBe('monday.wav');
      // Talk time and its share, and behind each name a probability.
      expect(await page.locator('.lane[data-speaker="alice"] .lane-time').innerText()).toMatch(
        /^0:0\d · \d+ %$/,
      );
      for (const note of await page.locator('#turns .note').allTextContents()) expect(note).toMatch(/ \d+ %/);
      // The level and the live region have stopped with the stream.
      expect(await page.locator('#level').getAttribute('aria-valuenow')).toBe('0');
      expect(await page.locator('#announcer').textContent()).toBe('');

      await played(page, 9);
      const both = await speakersIn(page);
      expect(both).toHaveLength(2 * first.length);
      expect(both.slice(first.length)).toEqual(first);
      const times = await page.locator('#turns time').allTextContents();
      expect(times).toEqual(times.toSorted());

      await page.waitForTimeout(800);
      await page.reload();
      await page.locator('#turns > li').first().waitFor();
      expect(await speakersIn(page)).toEqual(both);
      expect(await page.locator('#turns time').allTextContents()).toEqual(times);
      expect(await page.locator('#meeting-title').innerText()).toBe('monday.wav');
      expect(await axeFindings(page)).toEqual([]);

      // A turn can be heard again, after the reload too; here by its time's button, and by a click anywhere on it.
      const row = page.locator('#turns > li').first();
      await row.locator('.play').focus();
      await page.keyboard.press('Enter');
      await page.locator('#turns > li[data-playing]').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('#turns > li:not([data-playing])').first().waitFor();
      await row.locator('.note').click();
      await page.locator('#turns > li[data-playing]').waitFor();
      await page.locator('#turns:not(:has([data-playing]))').waitFor({ timeout: 30_000 });
      expect(await page.locator('#trouble').textContent()).toBe('');

      // "This turn was bob", where the stream is over: here alone.
      await row.locator('.whose').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type('bob');
      await page.keyboard.press('Enter');
      await page.locator('#turns > li[data-speaker="bob"]').first().waitFor();
      expect((await speakersIn(page))[0]).toBe('bob');

      await tabTo(page, 'New meeting');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      expect(await speakersIn(page)).toHaveLength(both.length);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await page.locator('#log-empty').waitFor();
      await expect.poll(() => focusOf(page)).not.toBe('body');
      await page.reload();
      await page.locator('#voices', { hasText: 'alice' }).waitFor();
      expect(await speakersIn(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  it(
    'while it listens: leaving asks, an unknown voice is given to somebody enrolled, a turn to another',
    { timeout: 120_000 },
    async () => {
      const fresh = await realService({ bufferSeconds: 60, refuseWhenBehind: false }, ['alice']);
      onTestFinished(() => fresh.close());
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      await page.goto(fresh.url);
      await page.locator('#voices', { hasText: 'alice' }).waitFor();
      // The choice of a microphone: that of the browser's own.
      await expect.poll(() => page.locator('#microphone option').count()).toBeGreaterThan(1);
      await page.locator('#microphone').selectOption({ index: 1 });
      const chosen = await page.locator('#microphone').inputValue();
      await tabTo(page, 'start');
      await page.keyboard.press('Enter');
      await page.locator('#start', { hasText: 'Stop' }).waitFor();
      expect(await focusOf(page)).toBe('start');
      await page.locator('#turns > li[data-speaker="unknown-1"][data-final="true"]').first().waitFor(LONG);

      const asked = new Promise<string>((resolve) => {
        page.once('dialog', (dialog) => {
          resolve(dialog.type());
          void dialog.dismiss();
        });
      });
      void page.reload({ timeout: 3000 }).catch(() => undefined);
      expect(await asked).toBe('beforeunload');

      const turn = page.locator('#turns > li[data-speaker="alice"][data-final="true"]').first();
      await turn.locator('.whose').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type('unknown-1');
      await page.keyboard.press('Enter');
      await page.locator('#turns .note', { hasText: 'was alice' }).waitFor();
      await page.locator('#name-dialog:not([open])').waitFor({ state: 'attached' });

      await page
        .locator('#turns')
        .getByRole('button', { name: /^unknown-1: give/ })
        .first()
        .focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type('nobody/else');
      await page.keyboard.press('Enter');
      await page.locator('#name-error', { hasText: 'slash' }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.locator('#name-input').selectText();
      await page.keyboard.type('Alice');
      await page.keyboard.press('Enter');
      await page.locator('#turns .note', { hasText: 'was unknown-1' }).first().waitFor(LONG);
      await page.locator('#name-dialog:not([open])').waitFor({ state: 'attached' });
      expect(await speakersIn(page)).not.toContain('unknown-1');
      expect(await focusOf(page)).not.toBe('body');

      await tabTo(page, 'start');
      await page.keyboard.press('Enter');
      await page.locator('#start', { hasText: 'Start listening' }).waitFor(LONG);
      expect(await focusOf(page)).toBe('start');
      const store = (await (await fetch(`${fresh.url}/v1/speakers`)).json()) as {
        speakers: { name: string }[];
      };
      expect(store.speakers.map(({ name }) => name)).toEqual(['alice']);
      await page.reload();
      await expect.poll(() => page.locator('#microphone').inputValue()).toBe(chosen);
    },
  );

  it('an empty page offers the example meeting', { timeout: 60_000 }, async () => {
    const { page } = await opened();
    await tabTo(page, 'example');
    await page.keyboard.press('Enter');
    await page.locator('#now-name', { hasText: 'alice' }).waitFor(LONG);
    expect(await page.locator('#example').isVisible()).toBe(false);
    expect(await page.locator('#meeting-title').innerText()).toBe('example meeting.wav');
    await expect.poll(() => focusOf(page)).not.toBe('body');
    const reply = await fetch(`${server.url}/example.wav`);
    expect(Buffer.from(await reply.arrayBuffer()).equals(readFileSync(`${AUDIO}/meeting.wav`))).toBe(true);
  });
});
