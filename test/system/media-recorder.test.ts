import { expect, it } from 'vitest';
import { fromFile, readAll } from '../../src/index.js';
import { fromBytes } from '../../src/stream/index.js';
import { firstBytesAre } from '../../src/stream/raw-guard.js';
import { AUDIO } from '../helpers.js';
import { launchChromium } from './chromium.js';

const SECONDS = 8;
const BLOCK = 1600;

/** Loudness, ten times a second. */
function envelope(samples: Float32Array): number[] {
  return Array.from({ length: Math.floor(samples.length / BLOCK) }, (_, i) =>
    Math.hypot(...samples.subarray(i * BLOCK, (i + 1) * BLOCK)),
  );
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const n = Math.min(a.length, b.length);
  const centred = [a, b].map((x) => {
    const mean = x.slice(0, n).reduce((sum, value) => sum + value, 0) / n;
    return x.slice(0, n).map((value) => value - mean);
  });
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const [x, y] = [centred[0]!, centred[1]!];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

it('what MediaRecorder writes, whole or in slices, is read', { timeout: 120_000 }, async () => {
  const browser = await launchChromium(`${AUDIO}/meeting.wav`);
  try {
    const page = await browser.newPage();
    await page.route('**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>a site</title>' }),
    );
    await page.goto('http://127.0.0.1/');
    const recordings = await page.evaluate(`(async () => {
      const media = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const types = ['audio/webm;codecs=opus', 'audio/webm;codecs=pcm', 'audio/mp4;codecs=opus']
        .filter((type) => MediaRecorder.isTypeSupported(type));
      const recorders = types.flatMap((mimeType) => [undefined, 500].map((slice) => {
        const recorder = new MediaRecorder(media, { mimeType });
        const parts = [];
        recorder.ondataavailable = ({ data }) => parts.push(data);
        const done = new Promise((resolve) => (recorder.onstop = resolve));
        recorder.start(slice);
        return { name: mimeType + ' ' + (slice ?? 'whole'), recorder, parts, done };
      }));
      await new Promise((resolve) => setTimeout(resolve, ${SECONDS * 1000}));
      const texts = [];
      for (const { name, recorder, parts, done } of recorders) {
        recorder.stop();
        await done;
        const reader = new FileReader();
        reader.readAsDataURL(new Blob(parts));
        await new Promise((resolve) => (reader.onload = resolve));
        texts.push([name, reader.result.split(',')[1]]);
      }
      return texts;
    })()`);
    const meeting = envelope(await readAll(fromFile(`${AUDIO}/meeting.wav`)));
    expect(recordings).toHaveLength(6);
    for (const [name, text] of recordings as readonly [string, string][]) {
      const bytes = Buffer.from(text, 'base64');
      const samples = await readAll(fromBytes(bytes, name));
      expect(samples.length / 16_000, name).toBeGreaterThan(SECONDS - 1);
      // The microphone begins to play the meeting when it is opened.
      expect(correlation(meeting, envelope(samples)), name).toBeGreaterThan(0.9);
      expect(firstBytesAre(bytes), name).toMatchObject({
        container: expect.stringMatching(/WebM|MP4/) as string,
      });
    }
  } finally {
    await browser.close();
  }
});
