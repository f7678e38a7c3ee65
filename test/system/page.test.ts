import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpeakerModel, type IdentifyEvent } from '../../src/index.js';
import { wavFile } from '../../src/client/index.js';
import { AUDIO_HEADER_BYTES } from '../../src/protocol/index.js';
import { readRttm, turnsOfEvents } from '../../src/evaluate/index.js';
import { makeToken } from '../../src/server/access/tokens.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { exampleSpeakers, toldOf } from '../example-voices.js';
import { AUDIO } from '../helpers.js';
import { CuttingProxy, meetingPcm } from '../server/support.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

/** For what takes as long as the meeting, 40 s in real time. */
const LONG = { timeout: 90_000, interval: 250 };
const RATE_HZ = 16_000;
const MEETING = `${AUDIO}/meeting.wav`;
/** A machine that is busy with three browsers must still lose no sound. */
const ROOMY = { bufferSeconds: 60, refuseWhenBehind: false };
/** Set by `npm run page:screenshot`: where the picture for the README goes. */
const SCREENSHOT = process.env['WHOSPEAKS_SCREENSHOT'];

/** What the SDK itself tells of this sound, s16le at 16 kHz, with alice enrolled. */
async function listened(sound: Buffer): Promise<IdentifyEvent[]> {
  const model = await SpeakerModel.fromPretrained();
  const events = await toldOf([sound], model, await exampleSpeakers(model, ['alice']));
  model.close();
  return events;
}

/** Who speaks in the settled turns, as corrected: a page shows no other names. */
function namesIn(events: readonly IdentifyEvent[]): string[] {
  return turnsOfEvents(events, { corrected: true }).map(({ speaker }) => speaker);
}

/** The sound that a page sends, whatever it sends twice because a connection broke. */
function soundOf(page: Page): () => Buffer {
  const payloads: Buffer[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') return;
      payloads[payload.readUInt32LE(0)] = payload.subarray(AUDIO_HEADER_BYTES);
    });
  });
  return () => Buffer.concat(payloads);
}

/** The first seconds of the meeting. */
function meetingStart(seconds: number): Float32Array {
  const pcm = meetingPcm(seconds);
  return Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(2 * i) / 32_768);
}

/** The same as a file. */
function meetingPart(seconds: number): Buffer {
  return Buffer.from(wavFile(meetingStart(seconds), RATE_HZ));
}

/** Alice for 4.4 s, then once more the same, and Bob with her. */
function twoAtOnce(): Buffer {
  const meeting = meetingStart(15);
  const [alice, bob] = [10.6, 4.5].map((at) => meeting.subarray(at * RATE_HZ, (at + 4.4) * RATE_HZ));
  const samples = new Float32Array(2 * alice!.length + RATE_HZ);
  samples.set(alice!);
  samples.set(
    alice!.map((x, i) => x + bob![i]!),
    alice!.length,
  );
  return Buffer.from(wavFile(samples, RATE_HZ));
}

const speakersIn = (rows: Locator): Promise<string[]> =>
  rows.evaluateAll((items) => items.map((item) => item.dataset['speaker'] ?? ''));

async function enrolFromFile(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).first().fill(name);
  await page.locator('#enrol-file').setInputFiles(`${AUDIO}/${name}.wav`);
  await page.getByText(`${name} is enrolled from`).waitFor();
}

describe('the page, in Chromium', () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await realService();
    browser = await launchChromium(MEETING);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  // What takes its time in real time, side by side.
  it.concurrent(
    'enrols a voice, hears the meeting, and names who `listen` names',
    { timeout: 180_000 },
    async ({ expect }) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      const complaints = complaintsOf(page);
      const sound = soundOf(page);
      const fresh = await realService(ROOMY, []);
      await page.goto(fresh.url);
      expect(await axeFindings(page)).toEqual([]);

      await enrolFromFile(page, 'alice');
      if (SCREENSHOT !== undefined) await enrolFromFile(page, 'bob');
      expect(await page.locator('#voices .who > span:first-child').first().textContent()).toBe('alice');

      await page.getByRole('button', { name: 'Start listening' }).click();
      await page.locator('#status', { hasText: 'Listening' }).waitFor();
      await page.locator('#now-name', { hasText: 'alice' }).waitFor();
      // What is not settled is drawn apart.
      await page.locator('.turn-bar[data-final="false"]').first().waitFor({ state: 'attached' });
      expect(await axeFindings(page)).toEqual([]);
      if (SCREENSHOT !== undefined) {
        await expect.poll(() => sound().length / 2 / RATE_HZ, LONG).toBeGreaterThan(37.5);
        await page.screenshot({ path: SCREENSHOT });
        await page.close();
        await fresh.close();
        return;
      }
      await expect.poll(() => sound().length / 2 / RATE_HZ, LONG).toBeGreaterThan(44);
      await expect.poll(() => page.locator('#turns > [data-final="false"]').count(), LONG).toBe(0);
      const rows = page.locator('#turns > li');
      const names = await speakersIn(rows);
      const lanes = await speakersIn(page.locator('#lanes > li'));
      expect(lanes.toSorted()).toEqual([...new Set(names)].toSorted());

      await page
        .locator('#lanes')
        .getByRole('button', { name: /^unknown-1/ })
        .click();
      await page.locator('#name-input').fill('bob');
      await page.keyboard.press('Enter');
      await page.locator('#lanes > [data-speaker="bob"]').waitFor();
      await page.locator('#turns .note', { hasText: 'was unknown-1' }).first().waitFor();
      await page.locator('#voices', { hasText: 'bob' }).waitFor();
      const now = (speaker: string): string => (speaker === 'unknown-1' ? 'bob' : speaker);
      const renamed = names.map(now);
      expect(await speakersIn(rows)).toEqual(renamed);

      await page.getByRole('button', { name: 'Stop' }).click();
      await page.locator('#now-name', { hasText: 'Stopped' }).waitFor();
      const events = await listened(sound());
      expect(names).toEqual(namesIn(events));
      expect(names).toContain('alice');

      const [rttm] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save RTTM' }).click(),
      ]);
      const turns = readRttm(readFileSync(await rttm.path(), 'utf8'));
      const stretches = turnsOfEvents(events, { corrected: true, speech: true });
      expect(turns.map(({ speaker }) => speaker)).toEqual(stretches.map(({ speaker }) => now(speaker)));
      turns.forEach(({ startSeconds }, i) => {
        expect(startSeconds).toBeCloseTo(stretches[i]!.startSeconds, 2);
      });
      const [json] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save JSON' }).click(),
      ]);
      const saved = JSON.parse(readFileSync(await json.path(), 'utf8')) as { turns: { speaker: string }[] };
      expect(saved.turns.map(({ speaker }) => speaker)).toEqual(renamed);
      expect(complaints).toEqual([]);
      await page.close();
      await fresh.close();
    },
  );

  it.concurrent(
    'plays a recording, through a connection that breaks',
    { timeout: 180_000 },
    async ({ expect }) => {
      const fresh = await realService(ROOMY, ['alice']);
      const proxy = await CuttingProxy.start(fresh.port, () => Infinity);
      const page = await browser.newPage();
      const sound = soundOf(page);
      await page.goto(`http://127.0.0.1:${proxy.port}/`);
      await page.locator('#voices', { hasText: 'alice' }).waitFor();
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'Play a recording' }).click(),
      ]);
      await chooser.setFiles({ name: 'part.wav', mimeType: 'audio/wav', buffer: meetingPart(16) });
      await page.locator('#now-name', { hasText: 'alice' }).waitFor(LONG);

      const status = page.locator('#status');
      for (let cuts = 0; cuts < 2; cuts++) {
        await status.filter({ hasText: 'Listening' }).waitFor();
        const before = sound().length;
        proxy.cut();
        await status.filter({ hasText: 'Connection lost' }).waitFor();
        await status.filter({ hasText: 'Listening' }).waitFor();
        await expect.poll(() => sound().length, LONG).toBeGreaterThan(before + RATE_HZ);
      }
      expect(await page.locator('#trouble').textContent()).toBe('');

      // It stops by itself where the recording ends.
      await page.locator('#now-name', { hasText: 'Stopped' }).waitFor(LONG);
      expect(sound().length / 2 / RATE_HZ).toBeGreaterThan(15.5);
      const names = await speakersIn(page.locator('#turns > li'));
      expect(names).toEqual(namesIn(await listened(sound())));
      expect(new Set(names).size).toBe(2);
      await page.close();
      await proxy.close();
      await fresh.close();
    },
  );

  it.concurrent('marks where two are heard at once', { timeout: 120_000 }, async ({ expect }) => {
    const fresh = await realService(ROOMY, ['alice']);
    const page = await browser.newPage();
    await page.goto(fresh.url);
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Play a recording' }).click(),
    ]);
    await chooser.setFiles({ name: 'two.wav', mimeType: 'audio/wav', buffer: twoAtOnce() });
    await page.locator('#now-detail', { hasText: 'somebody else speaks too' }).waitFor(LONG);
    await page.locator('#now-name', { hasText: 'Stopped' }).waitFor(LONG);
    expect(await page.locator('#turns .note').allTextContents()).toEqual([
      expect.stringMatching(/^ · \d+ % · with somebody else$/),
    ]);
    const mark = (await page.locator('.turn-bar .overlap-mark').boundingBox())!;
    const bar = (await page.locator('.turn-bar').boundingBox())!;
    // The second half of the turn, or nearly.
    expect((mark.x - bar.x) / bar.width).toBeGreaterThan(0.4);
    expect((mark.x - bar.x) / bar.width).toBeLessThan(0.65);
    expect((mark.x + mark.width - bar.x) / bar.width).toBeGreaterThan(0.85);
    await page.close();
    await fresh.close();
  });

  it.concurrent(
    'at a server with tokens asks for one, then enrols from the microphone with feedback',
    { timeout: 120_000 },
    async ({ expect }) => {
      const { token, record } = makeToken('page', 'office');
      const server = await realService({ ...ROOMY, tokens: [record] }, []);
      const browser = await launchChromium(`${AUDIO}/alice.wav`);
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        for (const given of ['wrong', token]) {
          await page.locator('#token-dialog[open]').waitFor();
          await page.locator('#token-input').fill(given);
          await page.keyboard.press('Enter');
        }
        await page.locator('#people-empty:visible').waitFor();
        expect(page.url()).not.toContain(token);

        await page.locator('#enrol-name').fill('alice');
        await page.locator('#record').click();
        await page.locator('#feedback', { hasText: /^[3-9]\.\d s of speech/ }).waitFor({ timeout: 60_000 });
        const measured = page.locator('#enrol-report');
        await measured.getByText('Above the noise').waitFor();
        expect(await measured.locator('dd').allTextContents()).toContain('nobody enrolled');
        expect(await axeFindings(page)).toEqual([]);
        await page.getByRole('button', { name: 'Stop and save' }).click();
        await page.getByText('alice is enrolled from').waitFor();
        expect(await measured.locator('dt').count()).toBe(6);
        expect(await page.locator('#voices .who > span:first-child').allTextContents()).toEqual(['alice']);

        await page.getByRole('button', { name: 'Start listening' }).click();
        await page.locator('#now-name', { hasText: 'alice' }).waitFor({ timeout: 60_000 });
        const mute = page.locator('#mute');
        await mute.click();
        expect(await mute.getAttribute('aria-pressed')).toBe('true');
        await page.locator('#now-name', { hasText: 'Listening' }).waitFor({ timeout: 60_000 });
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );

  it('is worked by the keyboard alone', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.locator('#voices', { hasText: 'alice' }).waitFor();
    const order: string[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const focused = document.activeElement;
        if (!(focused instanceof HTMLElement) || focused === document.body) return null;
        // The radio buttons lie under their labels, which show the focus.
        const shows = focused.matches('input[type=radio]') ? focused.nextElementSibling! : focused;
        const seen = getComputedStyle(shows).outlineStyle === 'solid';
        const text =
          focused instanceof HTMLSelectElement
            ? focused.selectedOptions[0]?.text
            : focused instanceof HTMLInputElement && focused.type !== 'radio'
              ? focused.labels?.[0]?.textContent.trim()
              : focused.textContent.trim();
        return `${focused.getAttribute('aria-label') ?? text}${seen ? '' : ', not to be seen'}`;
      });
      // Past the last one the browser itself has the focus; the page may keep it there for a moment.
      if (stop === null || stop === order.at(-1)) break;
      order.push(stop);
    }
    // Radio buttons are one stop; what is disabled or hidden is none.
    expect(order).toEqual([
      'Skip to the turns',
      'Start listening',
      'Play a recording…',
      'Try the example meeting',
      'Default microphone',
      '',
      'Choose a recording…',
      'With a transcript…',
      'Speakers',
      'Each channel by itself',
      'Rename alice',
      'Remove alice',
      'Rename bob',
      'Remove bob',
      'Name',
      'Record',
      'Choose a file…',
    ]);

    await page.locator('#zoom input:checked').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#zoom input:checked').inputValue()).toBe('300');

    // By its label: the list may be drawn again at any moment, and the button with it.
    const escapeBackTo = async (label: string): Promise<void> => {
      await page.keyboard.press('Escape');
      await page.locator('#name-dialog:not([open])').waitFor({ state: 'attached' });
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(label);
    };
    const rename = page.getByRole('button', { name: 'Rename alice' });
    await rename.focus();
    await page.keyboard.press('Enter');
    await page.locator('#name-dialog[open]').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await escapeBackTo('Rename alice');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Alice B.');
    await page.keyboard.press('Enter');
    await page.locator('#voices', { hasText: 'Alice B.' }).waitFor();

    // A list that is drawn again meanwhile does not take the focus away.
    const again = page.getByRole('button', { name: 'Rename Alice B.' });
    await again.focus();
    await page.keyboard.press('Enter');
    await page.locator('#name-dialog[open]').waitFor();
    await page.evaluate(() => {
      const button = document.querySelector('[aria-label="Rename Alice B."]')!;
      button.replaceWith(button.cloneNode(true));
    });
    await escapeBackTo('Rename Alice B.');
    await page.close();
  });

  it('fits a phone, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme });
      await page.goto(server.url);
      await page.locator('#voices > li').first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(content).toBe(window);
      const small = await page
        .locator('main button:visible, main input:visible')
        .evaluateAll((all) =>
          all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.id),
        );
      expect(small).toEqual([]);
      await page.close();
    }
  });

  it('tells what goes wrong', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    const outcome = page.locator('#enrol-outcome');
    await page.locator('#record').click();
    await outcome.filter({ hasText: 'name first' }).waitFor();
    await page.locator('#enrol-name').fill('bob');
    await page.locator('#enrol-file').setInputFiles(`${AUDIO}/bob.wav`);
    await page.getByRole('button', { name: 'Replace bob' }).click();
    await outcome.filter({ hasText: 'bob is replaced from' }).waitFor();
    expect(await page.locator('#enrol-report').innerText()).toMatch(
      /Most like\s+(alice|Alice B\.) \(\d+ %\)/,
    );
    await page.locator('#enrol-name').fill('mallory');
    await page.locator('#enrol-file').setInputFiles(`${AUDIO}/meeting.rttm`);
    await page.locator('#enrol-outcome[data-kind="bad"]').waitFor();
    expect(await page.locator('#voices').innerText()).not.toContain('mallory');
    await page.getByRole('button', { name: 'Remove bob' }).click();
    await page.getByRole('button', { name: 'Really remove bob?' }).click();
    await page.locator('#voices:not(:has-text("bob"))').waitFor();
    expect((await fetch(`${server.url}/v1/speakers/bob`)).status).toBe(404);
    await page.close();
  });
});
