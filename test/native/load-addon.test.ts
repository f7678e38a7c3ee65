import { expect, it } from 'vitest';
import { complete, loadAddon } from '../../src/native/load-addon.js';

it('loads one addon a thread', () => {
  expect(loadAddon()).toBe(loadAddon());
});

it('names what an addon of another version lacks', () => {
  const { createLogMel, ...older } = loadAddon();
  expect(createLogMel).toBeTypeOf('function');
  expect(() => complete(older)).toThrow('another version, without createLogMel');
  expect(complete({ ...older, createLogMel })).toMatchObject(older);
});
