// A program of its own: the resident memory that the mlx engine adds over 10,000 chunks, of two thousand shapes, and
// over 100 engines that come and go. Prints JSON.
import { Engine } from '../../src/native/index.js';
import { randomArray, randomModel, randomSource } from '../../measure/random-model.js';

const CONFIG = { blocks: [3, 3, 3, 3], channels: 2, featureSize: 8, dimension: 8 } as const;
const CHUNKS = 10_000;
/** Until then the allocator is still growing to what it keeps. */
const WARM = 5000;
/** Of so many readings the least counts: memory of a batch that waits to be freed is no growth. */
const READINGS = 5;
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
/** A call with another shape than the last ones, and large and small ones in turn: chunks computed. */
async function computeOnce(call: number): Promise<number> {
  const frames = 20 + ((call * 37) % 280);
  const batch = 1 + ((call + Math.floor(call / 280)) % MOST_BATCH);
  await engine.embed(input.subarray(0, batch * frames * CONFIG.featureSize), frames, batch);
  return batch;
}
let calls = 0;
async function computeChunks(count: number): Promise<void> {
  for (let done = 0; done < count; calls += 1) done += await computeOnce(calls);
}
async function leastResidentMb(): Promise<number> {
  const readings: number[] = [];
  while (readings.length < READINGS) {
    readings.push(residentMb());
    await computeChunks(MOST_BATCH);
  }
  return Math.min(...readings);
}
await computeChunks(WARM);
const beforeChunks = await leastResidentMb();
await computeChunks(CHUNKS);
const chunksGrowthMb = (await leastResidentMb()) - beforeChunks;
engine.close();

let beforeEngines = 0;
for (let i = -20; i < ENGINES; i += 1) {
  if (i === 0) beforeEngines = residentMb();
  const one = await Engine.create(model, { engine: 'mlx' });
  await one.embed(input.subarray(0, 30 * CONFIG.featureSize), 30);
  one.close();
}
const enginesGrowthMb = residentMb() - beforeEngines;
console.log(JSON.stringify({ chunks: CHUNKS, engines: ENGINES, chunksGrowthMb, enginesGrowthMb }));
