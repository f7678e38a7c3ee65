import { expect, it } from 'vitest';
import type { NativeAddon } from '../../src/native/addon.js';
import { complete, loadAddon } from '../../src/native/load-addon.js';

it('loads one addon a thread', () => {
  expect(loadAddon()).toBe(loadAddon());
});

it('names what an addon of another version lacks', () => {
  const addon = { ...loadAddon() };
  expect(complete(addon)).toBe(addon);
  const functions = Object.entries(addon).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
  expect(functions).toContain('createLogMel');
  for (const name of functions) {
    const older: Partial<NativeAddon> = Object.fromEntries(
      Object.entries(addon).filter(([other]) => other !== name),
    );
    expect(() => complete(older)).toThrow(`another version, without ${name}`);
  }
});

it.each([
  ['geometry', { sampleRateHz: 8000, frameSamples: 400, shiftSamples: 160, melBins: 80 }],
  ['geometry', undefined],
  ['engineNames', ['cpu', 'tpu']],
])('refuses an addon of another %s', (what, value) => {
  expect(() => complete({ ...loadAddon(), [what]: value })).toThrow(`another version, built for ${what}`);
});
