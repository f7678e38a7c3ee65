import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastValueFrom, toArray } from 'rxjs';
import { enroll, fromFile, identify, SpeakerModel, type FinalEvent } from '../../src/index.js';
import { readRttm } from '../../src/evaluate/index.js';
import type { RunningServer } from '../../src/server/serve.js';
import { realService } from '../client/real-service.js';
import { AUDIO } from '../helpers.js';
import { axeFindings, complaintsOf, launchChromium } from './chromium.js';

const RATE_HZ = 16_000;
const MEETING = `${AUDIO}/meeting.wav`;
/** Set by `npm run page:screenshot`: where the picture for the README goes. */
const SCREENSHOT = process.env['WHOSPEAKS_SCREENSHOT'];

/** The settled turns that the SDK itself tells of the meeting. */
async function listened(): Promise<FinalEvent[]> {
  const model = await SpeakerModel.fromPretrained();
  const speakers = [];
  for (const name of ['alice', 'bob'])
    speakers.push(await enroll(model, { name, sources: [fromFile(`${AUDIO}/${name}.wav`)] }));
  const events = await lastValueFrom(identify(fromFile(MEETING), { model, speakers }).pipe(toArray()));
  model.close();
  return events.filter((event) => event.type === 'final');
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
    server = await realService({}, []);
    browser = await launchChromium(MEETING);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('enrols two voices, hears the meeting, and names who `listen` names', { timeout: 180_000 }, async () => {
    const expected = await listened();
    const page = await browser.newPage({ viewport: { width: 1280, height: 1120 } });
    const complaints = complaintsOf(page);
    await page.goto(server.url);
    expect(await axeFindings(page)).toEqual([]);

    await enrolFromFile(page, 'alice');
    await enrolFromFile(page, 'bob');
    expect(await page.locator('#voices .who > span:first-child').allTextContents()).toEqual(['alice', 'bob']);

    await page.getByRole('button', { name: 'Start listening' }).click();
    await page.locator('#status', { hasText: 'Listening' }).waitFor();
    const settled = page.locator('#turns > [data-final="true"]');
    const last = expected.at(-1)!;
    await page.locator('#now-name', { hasText: expected[0]!.speaker }).waitFor();
    // Not settled turns are drawn apart.
    await page.locator('.turn-bar[data-final="false"]').first().waitFor({ state: 'attached' });
    expect(await axeFindings(page)).toEqual([]);
    await page.waitForFunction(
      (seconds) =>
        Number(document.querySelector('#turns > :last-child time')?.textContent.split(':')[1]) >= seconds,
      Math.floor(last.startSample / RATE_HZ) - 1,
      { timeout: 90_000 },
    );
    if (SCREENSHOT !== undefined) await page.screenshot({ path: SCREENSHOT });
    await expect.poll(() => settled.count(), { timeout: 60_000 }).toBe(expected.length);
    expect(await speakersIn(settled)).toEqual(expected.map(({ speaker }) => speaker));
    const lanes = await speakersIn(page.locator('#lanes > li'));
    expect(lanes.toSorted()).toEqual([...new Set(expected.map(({ speaker }) => speaker))].toSorted());

    await page
      .locator('#lanes')
      .getByRole('button', { name: /^unknown-1/ })
      .click();
    await page.locator('#name-input').fill('carol');
    await page.keyboard.press('Enter');
    await page.locator('#lanes > [data-speaker="carol"]').waitFor();
    await page.locator('#turns .note', { hasText: 'was unknown-1' }).first().waitFor();
    await page.locator('#voices', { hasText: 'carol' }).waitFor();
    const renamed = expected.map(({ speaker }) => (speaker === 'unknown-1' ? 'carol' : speaker));
    expect(await speakersIn(settled)).toEqual(renamed);

    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('#now-name', { hasText: 'Stopped' }).waitFor();
    const [rttm] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save RTTM' }).click(),
    ]);
    const turns = readRttm(readFileSync(await rttm.path(), 'utf8'));
    expect(turns.map(({ speaker }) => speaker)).toEqual(renamed);
    // The microphone ran a little before the meeting began to play.
    const offset = turns[0]!.startSeconds - expected[0]!.startSample / RATE_HZ;
    expect(Math.abs(offset)).toBeLessThan(1.5);
    turns.forEach(({ startSeconds }, i) => {
      expect(Math.abs(startSeconds - offset - expected[i]!.startSample / RATE_HZ)).toBeLessThan(0.5);
    });
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save JSON' }).click(),
    ]);
    const saved = JSON.parse(readFileSync(await json.path(), 'utf8')) as { turns: { speaker: string }[] };
    expect(saved.turns.map(({ speaker }) => speaker)).toEqual(renamed);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
