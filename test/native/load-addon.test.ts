import { expect, it } from 'vitest';
import type { NativeAddon } from '../../src/native/addon.js';
import { complete, loadAddon } from '../../src/native/load-addon.js';

it('loads one addon a thread', () => {
  expect(loadAddon()).toBe(loadAddon());
});

it('names what an addon of another version lacks', () => {
  const addon = { ...loadAddon() };
  expect(complete(addon)).toBe(addon);
  const older: Partial<NativeAddon> = addon;
  delete older.createLogMel;
  expect(() => complete(older)).toThrow('another version, without createLogMel');
});
