import { afterAll, beforeAll, expect, it } from 'vitest';
import { SpeakerModel } from '../../../src/index.js';
import { openLab, type Lab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  // V8 has 128-bit vectors of WebAssembly where the processor has SSE4.1.
  lab = await openLab(['--js-flags=--no-enable-sse4-1']);
});
afterAll(() => lab.close());

it('says that the browser has no vectors, takes the core without them, and embeds the same', async () => {
  const facts = await lab.page.evaluate(`lab.load()`);
  expect(facts).toMatchObject({ device: 'scalar, 1 thread' });
  expect(lab.site.asked).toContain('assets/whospeaks-scalar.wasm');
  expect(lab.site.asked.filter((name) => name.endsWith('.wasm'))).toHaveLength(1);
  const model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
  const noise = Float32Array.from({ length: 32_000 }, (_, i) => Math.sin(i * i) / 2);
  const expected = await model.embed(noise, 48_000);
  model.close();
  // At another rate, so that the resampler without vectors is heard too.
  const received = await lab.page.evaluate<number[]>(`lab.embedNoise(32000, 48000)`);
  const apart = Math.max(...received.map((value, i) => Math.abs(value - expected[i]!)));
  expect(apart).toBeLessThan(1e-4);
});

it('goes on without a connection, once it is loaded', async () => {
  await lab.page.evaluate(`lab.load()`);
  await lab.page.context().setOffline(true);
  try {
    expect(await lab.page.evaluate(`lab.embedNoise(32000, 16000).then(({ length }) => length)`)).toBe(256);
    const fault = await lab.page.evaluate(
      `lab.loadFault({ assets: lab.assets() }).then((fault) => fault.code)`,
    );
    expect(['engine-failed', 'addon-missing']).toContain(fault);
  } finally {
    await lab.page.context().setOffline(false);
  }
});
