// A program of its own: the resident memory that the mlx engine adds over 10,000 chunks of more shapes than it
// keeps compiled, and over 100 engines that come and go. Prints JSON.
import { Engine } from '../../src/native/index.js';
import { randomArray, randomModel, randomSource } from './random-model.js';

const CONFIG = { blocks: [1, 1, 1, 1], channels: 8, featureSize: 8, dimension: 16 } as const;
const CHUNKS = 10_000;
const BATCH = 8;
const WARM = 2000;
const ENGINES = 100;
const model = randomModel(CONFIG);
const input = randomArray(BATCH * 100 * CONFIG.featureSize, 2, randomSource(5));

function residentMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / 2 ** 20;
}

const engine = await Engine.create(model, { engine: 'mlx' });
let before = 0;
for (let chunk = 0; chunk < CHUNKS; chunk += BATCH) {
  if (chunk === WARM) before = residentMb();
  const frames = 20 + ((chunk / BATCH) % 50);
  await engine.embed(input.subarray(0, BATCH * frames * CONFIG.featureSize), frames, BATCH);
}
const chunksGrowthMb = residentMb() - before;
engine.close();

for (let i = -20; i < ENGINES; i += 1) {
  if (i === 0) before = residentMb();
  const one = await Engine.create(model, { engine: 'mlx' });
  await one.embed(input.subarray(0, 30 * CONFIG.featureSize), 30);
  one.close();
}
const enginesGrowthMb = residentMb() - before;
console.log(JSON.stringify({ chunks: CHUNKS, engines: ENGINES, chunksGrowthMb, enginesGrowthMb }));
