import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { wavFile } from '../../src/client/index.js';
import { encodeFlac } from '../../src/stream/file/flac-encode.js';
import { fromFile } from '../../src/stream/index.js';
import { readAll } from '../../src/stream/source.js';
import { AUDIO } from '../helpers.js';
import { bundled, pageOf, serveSite, STRICT_POLICY, type Site } from './browser/memory-site.js';
import type { api as Api } from './browser/sources-page.js';
import { complaintsOf, launchChromium } from './chromium.js';

declare const api: typeof Api;

const ALICE = readFileSync(`${AUDIO}/alice.wav`);
const sha256 = (samples: Float32Array): string =>
  createHash('sha256')
    .update(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');

/** A wav of two channels of 44.1 kHz, a tone on each. */
function stereo(): Uint8Array {
  const frames = 44_100 * 2;
  const samples = Float32Array.from({ length: 2 * frames }, (_, i) => {
    const hertz = i % 2 === 0 ? 300 : 700;
    return 0.4 * Math.sin((2 * Math.PI * hertz * Math.floor(i / 2)) / 44_100);
  });
  const wav = wavFile(samples, 44_100);
  const view = new DataView(wav.buffer);
  view.setUint16(22, 2, true);
  view.setUint32(28, 44_100 * 4, true);
  view.setUint16(32, 4, true);
  return wav;
}

describe('sources of sound, in Chromium', () => {
  let site: Site;
  let silenced: Site;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const files = new Map<string, Uint8Array | string>();
  beforeAll(async () => {
    for (const [path, text] of await bundled({
      'sources-page': 'sources-page.ts',
      'capture-worklet': 'src/client/capture-worklet.ts',
    }))
      files.set(path, text);
    files.set('index.html', pageOf('sources-page.js'));
    files.set('alice.wav', ALICE);
    files.set('stereo.wav', stereo());
    const voice = await readAll(fromFile(`${AUDIO}/alice.wav`));
    files.set('alice.flac', await encodeFlac(voice));
    files.set('cut.wav', ALICE.subarray(0, 30_000));
    files.set('notes.txt', 'no sound at all, and never was');
    files.set('empty.wav', '');
    site = await serveSite((path) => files.get(path));
    silenced = await serveSite((path) => files.get(path), {
      'content-security-policy': STRICT_POLICY,
      'permissions-policy': 'microphone=(), display-capture=()',
    });
    browser = await launchChromium(`${AUDIO}/alice.wav`);
    page = await opened(site);
    complaints = complaintsOf(page);
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([site.close(), silenced.close()]);
  });

  async function opened(where: Site): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(where.origin);
    await page.waitForFunction(() => 'api' in globalThis);
    return page;
  }
  const fetched = (path: string, options = {}): Promise<Awaited<ReturnType<typeof Api.heard>>> =>
    page.evaluate(async ([path, options]) => api.heard(api.fromResponse(await fetch(path), options)), [
      path,
      options,
    ] as const);
  const chosen = (path: string, options = {}): Promise<Awaited<ReturnType<typeof Api.heard>>> =>
    page.evaluate(
      async ([path, options]) => {
        const blob = await (await fetch(path)).blob();
        return api.heard(api.fromFile(new File([blob], path), options));
      },
      [path, options] as const,
    );

  it('the microphone is heard in step, and released when it is left', async () => {
    const told = await page.evaluate(async () => {
      const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const streams: MediaStream[] = [];
      MediaDevices.prototype.getUserMedia = async function (...wanted) {
        const stream = await getUserMedia(...wanted);
        streams.push(stream);
        return stream;
      };
      const source = api.microphone();
      const heard = await api.heard(source, 2);
      const twice = await api.heard(source);
      return { ...heard, twice: twice.error, states: streams.map((one) => one.getTracks()[0]!.readyState) };
    });
    expect(told).toMatchObject({ error: undefined, gaps: [], isLive: true, states: ['ended'] });
    expect(told.count).toBeGreaterThanOrEqual(32_000);
    expect(told.peak).toBeGreaterThan(0.01);
    expect(told.twice).toMatch(/^source-closed: /);
  });

  it('muted, it goes on as silence', async () => {
    const told = await page.evaluate(async () => {
      const source = api.microphone();
      source.muted = true;
      return api.heard(source, 1);
    });
    expect(told).toMatchObject({ peak: 0, gaps: [] });
  });

  it('without a permission it says so, and so does the sharing of a tab', async () => {
    const refused = await opened(silenced);
    onTestFinished(() => refused.context().close());
    const told = await refused.evaluate(async () => [
      (await api.heard(api.microphone())).error,
      (await api.heard(api.display())).error,
    ]);
    expect(told[0]).toMatch(/^microphone-unavailable: the microphone was refused; allow it/);
    expect(told[1]).toMatch(
      /^microphone-unavailable: no tab or screen was shared \(.*\); ask again from a click/,
    );
  });

  it('what is shared is heard until the sharing ends; without sound it says so', async () => {
    const told = await page.evaluate(async () => {
      const share = async (audio: boolean): Promise<string | Awaited<ReturnType<typeof Api.heard>>> => {
        const { track } = api.tone();
        const picture = document.createElement('canvas');
        picture.getContext('2d');
        const video = picture.captureStream().getVideoTracks()[0]!;
        MediaDevices.prototype.getDisplayMedia = () =>
          Promise.resolve(new MediaStream(audio ? [track, video] : [video]));
        let picturing = 'unknown';
        setTimeout(() => {
          picturing = video.readyState;
          track.stop();
        }, 1500);
        const heard = await api.heard(api.display());
        return !audio || picturing === 'ended' ? heard : 'the picture goes on';
      };
      return [await share(true), await share(false)] as const;
    });
    expect(told[0]).toMatchObject({ error: undefined, gaps: [] });
    expect((told[0] as { count: number }).count).toBeGreaterThan(8000);
    expect(told[1]).toMatchObject({
      error: expect.stringMatching(/^microphone-unavailable: it was shared without its sound/) as string,
    });
  });

  it('a track is heard until it ends, and one that has ended says so', async () => {
    const told = await page.evaluate(async () => {
      const { track } = api.tone();
      setTimeout(() => {
        track.stop();
      }, 1500);
      const heard = await api.heard(api.ofTrack(track));
      return [heard, await api.heard(api.ofTrack(track))] as const;
    });
    expect(told[0]).toMatchObject({ error: undefined, gaps: [] });
    expect(told[0].count).toBeGreaterThan(8000);
    expect(told[0].peak).toBeGreaterThan(0.5);
    expect(told[1].error).toMatch(/^source-closed: the track has ended/);
  });

  it('a page that nobody has touched is told to wait for a click', async () => {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const untouched = await context.newPage();
    const titled = untouched.waitForEvent('console', {
      predicate: (message) => message.text().includes('AudioContext'),
    });
    await untouched.goto(`${site.origin}/#alone`);
    await titled;
    // Longer than the browser is given.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(await untouched.title()).toMatch(/^microphone-suspended: .*click/);
    await untouched.mouse.click(5, 5);
    expect(await untouched.evaluate(() => api.remote())).toBeUndefined();
  });

  it('an hour in which the browser stopped the audio is an hour on the stream', async () => {
    const told = await page.evaluate(async () => {
      const contexts: AudioContext[] = [];
      const { AudioContext } = globalThis;
      globalThis.AudioContext = class extends AudioContext {
        constructor(options?: AudioContextOptions) {
          super(options);
          contexts.push(this);
        }
      };
      const { track } = api.tone();
      contexts.length = 0;
      const source = api.ofTrack(track);
      const heard = api.heard(source, 3600 + 2);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      globalThis.AudioContext = AudioContext;
      const [context] = contexts;
      const now = performance.now.bind(performance);
      // As in a telephone call: the audio is taken, and starting it is refused.
      context!.resume = () => Promise.reject(new DOMException('interrupted', 'InvalidStateError'));
      await context!.suspend();
      await new Promise((resolve) => setTimeout(resolve, 100));
      performance.now = () => now() + 3_600_000;
      context!.resume = AudioContext.prototype.resume.bind(context);
      document.dispatchEvent(new Event('visibilitychange'));
      const told = await heard;
      performance.now = now;
      return told;
    });
    expect(told.error).toBeUndefined();
    expect(told.gaps).toHaveLength(1);
    expect(told.gaps[0]).toBeGreaterThanOrEqual(3600);
    expect(told.gaps[0]).toBeLessThan(3620);
    expect(told.peak).toBeGreaterThan(0.5);
  });

  it('who reads too slowly loses the oldest sound, and is told', async () => {
    const told = await page.evaluate(async () => {
      const { track } = api.tone();
      const source = api.ofTrack(track, { bufferSeconds: 0.5 });
      const iterator = source.open()[Symbol.asyncIterator]();
      await iterator.next();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const { value } = (await iterator.next()) as { value: { atSeconds?: number } };
      await iterator.return!();
      return {
        lost: source.lostSeconds,
        at: value.atSeconds,
        over: (await iterator.next()).done,
      };
    });
    expect(told.lost).toBeGreaterThan(0.5);
    expect(told.at).toBeGreaterThan(0.5);
    expect(told.over).toBe(true);
  });

  it('a wav file is the same samples as in Node, in pieces', async () => {
    const node = await readAll(fromFile(`${AUDIO}/alice.wav`));
    const expected = {
      error: undefined,
      count: node.length,
      sha256: sha256(node),
      duration: node.length / 16_000,
      channels: 1,
    };
    for (const told of [await chosen('alice.wav'), await fetched('alice.wav')]) {
      expect(told).toMatchObject(expected);
      expect(told.largest).toBeLessThanOrEqual(16_384);
    }
  });

  it('channels are given as they are, or one of them, at the rate of the file', async () => {
    const plane = Float32Array.from({ length: 88_200 }, (_, i) => {
      const sample = Math.fround(0.4 * Math.sin((2 * Math.PI * 700 * i) / 44_100));
      // Never -0, which wav has not.
      return Math.round(sample * 32_768) / 32_768 + 0;
    });
    const told = { error: undefined, count: 88_200, rateHz: 44_100, duration: 2, gaps: [] };
    expect(await chosen('stereo.wav')).toMatchObject({ ...told, channels: 2, audio: 'mix' });
    expect(await chosen('stereo.wav', { audio: 'channels' })).toMatchObject({ ...told, audio: 'channels' });
    expect(await chosen('stereo.wav', { channel: 1 })).toMatchObject({
      ...told,
      channels: 1,
      sha256: sha256(plane),
    });
    expect((await chosen('stereo.wav', { channel: 2 })).error).toMatch(
      /^audio-format: stereo\.wav has 2 channels, and no channel 2/,
    );
  });

  it('what the browser decodes is decoded', async () => {
    const told = await chosen('alice.flac');
    const node = await readAll(fromFile(`${AUDIO}/alice.wav`));
    expect(told).toMatchObject({ error: undefined, count: node.length, gaps: [] });
    expect(told.peak).toBeCloseTo(
      node.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
      3,
    );
  });

  it('a bad file is told, once what came before it was given', async () => {
    expect(await chosen('cut.wav')).toMatchObject({
      count: (30_000 - 44) / 2,
      error: expect.stringMatching(/^audio-truncated: cut\.wav is cut short: \d+ of the \d+ bytes/) as string,
    });
    expect((await chosen('notes.txt')).error).toMatch(
      /^audio-unsupported: this browser cannot decode notes\.txt/,
    );
    expect((await chosen('empty.wav')).error).toMatch(/^audio-empty: empty\.wav is empty/);
    expect((await fetched('absent.wav')).error).toMatch(
      /^file-not-found: \/absent\.wav does not exist \(404\)/,
    );
    const again = await page.evaluate(async () => {
      const response = await fetch('alice.wav');
      await response.blob();
      return (await api.heard(api.fromResponse(response))).error;
    });
    expect(again).toMatch(/^source-closed: \/alice\.wav was read already/);
  });

  it('an answer that breaks off, or that nobody reads on, is given up', async () => {
    const told = await page.evaluate(async () => {
      const wav = new Uint8Array(await (await fetch('alice.wav')).arrayBuffer());
      let cancelled = 0;
      const body = (fails: boolean): ReadableStream<Uint8Array<ArrayBuffer>> => {
        let at = 0;
        return new ReadableStream({
          pull(controller) {
            if (fails && at > 60_000) controller.error(new TypeError('network error'));
            else controller.enqueue(wav.slice(at, (at += 10_000)));
          },
          cancel() {
            cancelled++;
          },
        });
      };
      const broken = await api.heard(api.fromResponse(new Response(body(true))));
      // It is heard while the rest is not there yet.
      const left = await api.heard(api.fromResponse(new Response(body(false))), 0.5);
      return { broken: broken.error, count: broken.count, left: left.error, cancelled };
    });
    expect(told.broken).toMatch(/^file-unreadable: the answer could not be read: network error/);
    expect(told).toMatchObject({ left: undefined, cancelled: 1 });
    expect(told.count).toBeGreaterThan(0);
  });

  it('options are checked, and the browser had nothing to complain of', async () => {
    const told = await page.evaluate(() => {
      const codes: unknown[] = [];
      for (const make of [
        () => api.fromFile('alice.wav' as unknown as Blob),
        () => api.fromFile(new Blob([]), { chanel: 1 } as object),
        () => api.fromFile(new Blob([]), { channel: 0, audio: 'channels' }),
        () => api.ofTrack({} as MediaStreamTrack),
      ]) {
        try {
          make();
          codes.push('no error');
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      }
      return codes;
    });
    expect(told).toEqual(Array(4).fill('invalid-option'));
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });
});
