import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { pullModel } from '../../src/model/index.js';
import { testFolder } from './files/folder.js';
import { serve, startHub } from './files/hub.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const disk = vi.hoisted(() => ({ free: Infinity }));
vi.mock('node:fs/promises', async (original) => (await import('../small-disk.js')).smallDisk(disk, original));

it('a full disk ends a pull at once, and never makes a model of a part', async () => {
  const body = safetensorsFile(makeWeights());
  const hub = await startHub(serve(body));
  const name = 'hf:someone/some-model/model.safetensors';
  const options = { cacheFolder: mkdtempSync(join(testFolder(), 'cache-')), endpoint: hub.endpoint };
  for (const free of [0, 3, 1000, 5000]) {
    disk.free = free;
    await expect(pullModel(name, { ...options, retries: 3, retryDelayMs: 1 })).rejects.toMatchObject({
      code: 'model-unwritable',
      message: expect.stringMatching(/^cannot write to the cache .*: ENOSPC.*free space$/) as string,
    });
    await expect(pullModel(name, { ...options, offline: true })).rejects.toMatchObject({
      code: 'model-offline',
    });
  }
  // What it refused, it is not asked again.
  expect(hub.requests).toHaveLength(4);
  disk.free = Infinity;
  expect(readFileSync((await pullModel(name, options)).path)).toEqual(Buffer.from(body));
});
