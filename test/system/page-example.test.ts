import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { realService } from '../client/real-service.js';
import { AUDIO, ROOT } from '../helpers.js';
import { complaintsOf, launchChromium } from './chromium.js';

/** As a user would lay them side by side. */
const FILES: Readonly<Record<string, readonly [folder: string, type: string]>> = {
  'index.html': ['examples/browser', 'text/html'],
  'snippet.js': ['examples/browser', 'text/javascript'],
  'client.js': ['dist/web', 'text/javascript'],
  'capture-worklet.js': ['dist/web', 'text/javascript'],
};

it('the browser snippet, on a web site of its own, names who speaks', { timeout: 120_000 }, async () => {
  const site = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://site').pathname.slice(1) || 'index.html';
    const file = FILES[name];
    if (file === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': file[1] });
    response.end(readFileSync(`${ROOT}${file[0]}/${name}`));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const server = await realService({ allowedOrigins: [origin] });
  const browser = await launchChromium(`${AUDIO}/bob.wav`);
  try {
    const page = await browser.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${origin}/?service=${encodeURIComponent(server.url)}`);
    await page.getByRole('button', { name: 'Listen' }).click();
    await page.locator('#speaker', { hasText: 'bob' }).waitFor({ timeout: 60_000 });
    await page.locator('#turns > li', { hasText: 'bob' }).first().waitFor({ timeout: 60_000 });
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
    site.close();
  }
});
