import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { randomModel, TINY } from '../measure/random-model.js';
import { loadModel } from '../src/index.js';
import { encodeSafetensors } from '../src/model/safetensors-write.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('measures a model that came without a cohort once, and again where the file is damaged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-measures-'));
  vi.stubEnv('WHOSPEAKS_CACHE', folder);
  const path = join(folder, 'tiny.safetensors');
  writeFileSync(path, encodeSafetensors(randomModel(TINY)));
  const shares: number[] = [];
  const load = async () => {
    const model = await loadModel(path, { onMeasure: (share) => shares.push(share) });
    model.close();
    return model;
  };
  const first = await load();
  expect(first.cohort).toHaveLength(300);
  expect(first.scoring).toBeDefined();
  expect(first.calibration).toBeDefined();
  expect(shares.at(-1)).toBe(1);
  const told = shares.length;
  const second = await load();
  expect(shares).toHaveLength(told);
  expect(second.scoring).toEqual(first.scoring);
  expect(second.cohort).toEqual(first.cohort);
  const [file] = readdirSync(join(folder, 'measures'));
  const kept = join(folder, 'measures', file!);
  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, 1000));
  expect((await load()).scoring).toEqual(first.scoring);
  expect(shares.length).toBeGreaterThan(told);
});

it('leaves the bundled model as it is', async () => {
  const onMeasure = vi.fn();
  const model = await loadModel(undefined, { onMeasure });
  model.close();
  expect(model.cohort!.length).toBeGreaterThan(20);
  expect(onMeasure).not.toHaveBeenCalled();
});
