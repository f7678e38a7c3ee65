// A program of its own: the resident memory that the mlx engine adds over 10,000 chunks, of two thousand shapes, and over 100 engines that come and go. Prints JSON.
import { Engine } from '../../src/native/index.js';
import { randomArray, randomModel, randomSource } from '../../measure/random-model.js';

const CONFIG = { blocks: [3, 3, 3, 3], channels: 2, featureSize: 8, dimension: 8 } as const;
const CHUNKS = 10_000;
const WARM = 2000;
const MOST_FRAMES = 299;
const MOST_BATCH = 8;
const ENGINES = 100;
const model = randomModel(CONFIG);
const input = randomArray(MOST_BATCH * MOST_FRAMES * CONFIG.featureSize, 2, randomSource(5));

function residentMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / 2 ** 20;
}

const engine = await Engine.create(model, { engine: 'mlx' });
let before: number | undefined;
let chunks = 0;
for (let call = 0; chunks < CHUNKS; call += 1) {
  if (chunks >= WARM) before ??= residentMb();
  // Every call has another shape, and large and small ones come in turn.
  const frames = 20 + ((call * 37) % 280);
  const batch = Math.min(1 + ((call + Math.floor(call / 280)) % MOST_BATCH), CHUNKS - chunks);
  await engine.embed(input.subarray(0, batch * frames * CONFIG.featureSize), frames, batch);
  chunks += batch;
}
const chunksGrowthMb = residentMb() - before!;
engine.close();

for (let i = -20; i < ENGINES; i += 1) {
  if (i === 0) before = residentMb();
  const one = await Engine.create(model, { engine: 'mlx' });
  await one.embed(input.subarray(0, 30 * CONFIG.featureSize), 30);
  one.close();
}
const enginesGrowthMb = residentMb() - before!;
console.log(JSON.stringify({ chunks, engines: ENGINES, chunksGrowthMb, enginesGrowthMb }));
