// Milliseconds for 1.5 s of speech on every engine and precision that can be had here, alone and in batches.
//   tsx measure/speed/engines.ts [--model FILE] [--repeats N]
import { parseArgs } from 'node:util';
import { readModel } from '../../src/model/index.js';
import { Engine, listEngines, type EngineName } from '../../src/native/index.js';
import { randomArray, randomModel, randomSource, RESNET34 } from '../random-model.js';
import { percentile } from './statistics.js';

const { values } = parseArgs({
  options: { model: { type: 'string' }, repeats: { type: 'string', default: '20' } },
});
const FRAMES = 148;
const BATCHES = [1, 4, 16];
const model = values.model === undefined ? randomModel(RESNET34) : await readModel(values.model);
const bins = model.config.featureSize;
const features = randomArray(Math.max(...BATCHES) * FRAMES * bins, 2, randomSource(1));

async function chunkMs(engine: Engine, batch: number): Promise<number> {
  const times: number[] = [];
  for (let i = -2; i < Number(values.repeats); i += 1) {
    const start = performance.now();
    await engine.embed(features.subarray(0, batch * FRAMES * bins), FRAMES, batch);
    if (i >= 0) times.push((performance.now() - start) / batch);
  }
  return percentile(times, 0.5);
}

console.log(`${model.name}: ms for ${FRAMES} frames, median; in batches of ${BATCHES.join(', ')}`);
for (const { name, reason } of listEngines()) {
  if (reason !== '') {
    console.log(`  ${name}: ${reason}`);
    continue;
  }
  for (const precision of ['fp32', 'fp16', 'bf16', 'int8'] as const) {
    const options = { engine: name as EngineName, precision };
    // Not every engine has every precision.
    const engine = await Engine.create(model, options).catch(() => undefined);
    if (engine === undefined) continue;
    const row: string[] = [];
    for (const batch of BATCHES) row.push((await chunkMs(engine, batch)).toFixed(2).padStart(8));
    console.log(`  ${name.padEnd(4)} ${precision} ${row.join('')}   ${engine.device}`);
    engine.close();
  }
}
