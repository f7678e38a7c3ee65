import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildStatic } from '../../scripts/build-static.mjs';
import { readRttm } from '../../src/evaluate/index.js';
import { ProfileStore, SpeakerModel, enroll, fromFile } from '../../src/index.js';
import { AUDIO } from '../helpers.js';
import { serveSite, type Site } from './browser/memory-site.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const MEETING = `${AUDIO}/meeting.wav`;
const LONG = { timeout: 150_000 };
const TEST = { timeout: 300_000 };

describe('the page without a server, in Chromium', () => {
  let folder: string;
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'whospeaks-static-'));
    await buildStatic(folder);
    site = await serve();
    browser = await launchChromium(MEETING);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
    rmSync(folder, { recursive: true });
  });

  /** As a plain web server does it: the policy is the page's own. */
  function serve(): Promise<Site> {
    return serveSite((path) => {
      const file = join(folder, path);
      return existsSync(file) ? readFileSync(file) : undefined;
    }, {});
  }

  async function opened(
    where = site,
  ): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1400 } });
    onTestFinished(() => context.close());
    // The chooser of files is worked by the test, in every tab, from its start: to ask for it takes the browser a while.
    context.on('page', (each) => each.on('filechooser', () => undefined));
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${where.origin}/`);
    await page.locator('#people-empty:visible').waitFor(LONG);
    return { context, page, complaints };
  }
  async function chosen(page: Page, button: string, file: string): Promise<void> {
    await page.locator(button).focus();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(file);
  }
  async function enrolled(page: Page, name: string): Promise<void> {
    await page.locator('#enrol-name').fill(name);
    await chosen(page, '#enrol-pick', `${AUDIO}/${name}.wav`);
    await page.getByText(`${name} is enrolled from`).waitFor(LONG);
  }
  async function saved(page: Page, button: string): Promise<{ name: string; path: string; text: string }> {
    await page.locator(button).focus();
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    const path = await file.path();
    return { name: file.suggestedFilename(), path, text: readFileSync(path, 'utf8') };
  }
  const voicesIn = (page: Page): Promise<string[]> =>
    page.locator('#voices .who > span:first-child').allTextContents();
  const speakersIn = (page: Page, list: string): Promise<string[]> =>
    page.locator(`${list} > li`).evaluateAll((rows) => rows.map((row) => row.dataset['speaker'] ?? ''));

  it('enrols, listens to the microphone, names and saves, and sends nothing', TEST, async () => {
    const { page, complaints } = await opened();
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' || !request.url().startsWith(site.origin)) sent.push(request.url());
    });
    page.on('websocket', (socket) => sent.push(socket.url()));
    expect(await axeFindings(page)).toEqual([]);
    await enrolled(page, 'alice');
    expect(await voicesIn(page)).toEqual(['alice']);

    await page.locator('#start').focus();
    await page.keyboard.press('Enter');
    await page.locator('#status', { hasText: 'Listening' }).waitFor(LONG);
    await page.locator('#now-name', { hasText: 'alice' }).waitFor(LONG);
    await page.locator('#lanes > [data-speaker="unknown-1"]').waitFor(LONG);
    expect(await axeFindings(page)).toEqual([]);
    await page
      .locator('#lanes')
      .getByRole('button', { name: /^unknown-1/ })
      .focus();
    await page.keyboard.press('Enter');
    await page.locator('#name-input').fill('bob');
    await page.keyboard.press('Enter');
    await page.locator('#lanes > [data-speaker="bob"]').waitFor(LONG);
    await page.locator('#voices', { hasText: 'bob' }).waitFor(LONG);
    await expect.poll(() => page.locator('#turns > li').count(), LONG).toBeGreaterThan(2);
    await page.locator('#start').focus();
    await page.keyboard.press('Enter');
    await page.locator('#now-name', { hasText: 'Stopped' }).waitFor(LONG);

    const names = await speakersIn(page, '#turns');
    expect(names.slice(0, 3)).toEqual(['alice', 'bob', 'alice']);
    const rttm = await saved(page, '#export-rttm');
    expect(new Set(readRttm(rttm.text).map(({ speaker }) => speaker))).toEqual(new Set(names));
    expect(sent).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('diarizes a file, names who is in it and saves it, by the keyboard', TEST, async () => {
    const { page, complaints } = await opened();
    await enrolled(page, 'alice');
    await chosen(page, '#whole-pick', MEETING);
    await page.locator('#whole-status', { hasText: 'Listening to meeting.wav' }).waitFor(LONG);
    await page.locator('#whole-result:visible').waitFor(LONG);
    expect(await page.locator('#whole-status').innerText()).toMatch(/^meeting\.wav: 3 speakers in 0:4\d\.$/);
    expect((await speakersIn(page, '#whole-lanes')).toSorted()).toEqual(['alice', 'unknown-1', 'unknown-2']);
    expect(await axeFindings(page)).toEqual([]);
    for (const [label, name, message] of [
      ['unknown-1', 'bad/name', 'slash'],
      ['unknown-1', 'bob', undefined],
    ] as const) {
      await page
        .locator('#whole-lanes')
        .getByRole('button', { name: new RegExp(`^${label}`) })
        .focus();
      await page.keyboard.press('Enter');
      await page.locator('#name-input').fill(name);
      await page.keyboard.press('Enter');
      if (message === undefined) await page.locator('#name-dialog').waitFor({ state: 'hidden' });
      else {
        await page.locator('#name-error', { hasText: message }).waitFor();
        await page.keyboard.press('Escape');
      }
    }
    await expect.poll(() => speakersIn(page, '#whole-lanes')).toContain('bob');
    expect(await voicesIn(page)).toEqual(['alice', 'bob']);
    await page.locator('#whole-format').selectOption('rttm');
    const rttm = await saved(page, '#whole-save');
    expect(rttm.name).toBe('meeting.rttm');
    expect(new Set(readRttm(rttm.text).map(({ speaker }) => speaker))).toEqual(
      new Set(await speakersIn(page, '#whole-lanes')),
    );

    // A reload ends it: nothing of a recording is kept.
    await page.reload();
    await page.locator('#voices', { hasText: 'bob' }).waitFor(LONG);
    expect(await page.locator('#whole-status').innerText()).toBe('');
    expect(await page.locator('#whole-trouble').innerText()).toBe('');
    expect(complaints).toEqual([]);
  });

  it('works without a network after the first visit', TEST, async () => {
    const first = await serve();
    const { context, page, complaints } = await opened(first);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect
      .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), LONG)
      .toBe(true);
    await enrolled(page, 'alice');
    await first.close();
    await context.setOffline(true);
    await page.reload();
    await page.locator('#voices', { hasText: 'alice' }).waitFor(LONG);
    await page.locator('#example').click();
    await page.locator('#now-name', { hasText: 'alice' }).waitFor(LONG);
    await page.locator('#start').click();
    await page.locator('#now-name', { hasText: 'Stopped' }).waitFor(LONG);
    await chosen(page, '#whole-pick', `${AUDIO}/bob.wav`);
    await page.locator('#whole-status', { hasText: 'bob.wav: one speaker' }).waitFor(LONG);
    expect(complaints).toEqual([]);
  });

  it('keeps each folder of an origin its own build, by whatever name the page is opened', TEST, async () => {
    // Two builds on one origin: the service worker of the second is another one.
    const own = await serveSite((path) => {
      const file = join(folder, path.replace(/^[ab]\//, ''));
      if (!existsSync(file)) return undefined;
      const bytes = readFileSync(file);
      if (path !== 'b/offline.js') return bytes;
      return bytes.toString('utf8').replace(/[0-9a-f]{16}/, '0123456789abcdef');
    }, {});
    onTestFinished(() => own.close());
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    for (const where of ['a', 'b']) {
      await page.goto(`${own.origin}/${where}/`);
      await expect
        .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), LONG)
        .toBe(true);
    }
    await context.setOffline(true);
    for (const where of ['a/', 'b/', 'a/index.html']) {
      await page.goto(`${own.origin}/${where}`);
      await page.locator('#people-empty:visible').waitFor(LONG);
    }
  });

  it('its voices are those of Node, as a file, and in every tab', TEST, async () => {
    const { context, page } = await opened();
    const other = await context.newPage();
    await other.goto(`${site.origin}/`);
    await other.locator('#people-empty:visible').waitFor(LONG);
    await enrolled(page, 'alice');
    await other.locator('#voices', { hasText: 'alice' }).waitFor(LONG);

    const file = await saved(page, '#voices-export');
    expect(file.name).toBe('whospeaks-voices.json');
    const store = new ProfileStore({ folder: mkdtempSync(join(tmpdir(), 'whospeaks-voices-')) });
    onTestFinished(() => {
      rmSync(store.folder, { recursive: true });
    });
    await store.import(file.path);
    const model = await SpeakerModel.fromPretrained();
    const alice = await enroll(model, { name: 'alice', sources: [fromFile(`${AUDIO}/alice.wav`)] });
    const bob = await enroll(model, { name: 'bob', sources: [fromFile(`${AUDIO}/bob.wav`)] });
    model.close();
    const there = await store.get('alice');
    expect(there.model.fingerprint).toBe(alice.model.fingerprint);
    const largest = Math.max(...alice.centroid.map((value, i) => Math.abs(value - there.centroid[i]!)));
    expect(largest).toBeLessThan(1e-5);

    await store.put(bob);
    const both = join(store.folder, 'both.json');
    await store.export(both);
    await chosen(other, '#voices-import', both);
    await other.getByText('Read: bob.').waitFor(LONG);
    expect(await axeFindings(other)).toEqual([]);
    await expect.poll(() => voicesIn(page), LONG).toEqual(['alice', 'bob']);
    await chosen(page, '#voices-import', `${AUDIO}/meeting.rttm`);
    await page.locator('#voices-outcome[data-kind="bad"]', { hasText: 'cannot be imported' }).waitFor(LONG);
  });

  it('says so where the microphone is refused, and where a file is none', TEST, async () => {
    const { page } = await opened();
    await page.evaluate(() => {
      MediaDevices.prototype.getUserMedia = () =>
        Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    });
    await page.locator('#start').click();
    await page.locator('#trouble', { hasText: 'the microphone was refused' }).waitFor(LONG);
    await chosen(page, '#whole-pick', `${AUDIO}/meeting.rttm`);
    await page
      .locator('#whole-trouble', { hasText: 'this browser cannot decode meeting.rttm' })
      .waitFor(LONG);
    await page.locator('#enrol-name').fill('nobody');
    await chosen(page, '#enrol-pick', `${AUDIO}/meeting.rttm`);
    await page.locator('#enrol-outcome[data-kind="bad"]').waitFor(LONG);
  });
});
