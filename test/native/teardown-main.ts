// A program of its own: engines in several threads, and ends with work in flight. Prints what it saw.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Engine, type EngineName } from '../../src/native/index.js';
import { cosine, randomArray, randomModel, randomSource, TINY } from '../../measure/random-model.js';

const SLOW = { ...TINY, blocks: [4, 4, 4, 4], channels: 16 } as const;
/** The tests of the mlx engine run this program too; worker threads inherit the environment. */
const engineName = (process.env['WHOSPEAKS_TEST_ENGINE'] ?? 'cpu') as EngineName;
const features = randomArray(148 * 80, 2, randomSource(3));

async function inWorker(endless: boolean): Promise<void> {
  const engine = await Engine.create(randomModel(endless ? SLOW : TINY), { engine: engineName, threads: 2 });
  if (endless) {
    for (let i = 0; i < 200; i += 1) engine.embed(features, 148).catch(() => undefined);
    parentPort!.postMessage('busy');
    return;
  }
  let last: Float32Array = new Float32Array();
  for (let i = 0; i < 25; i += 1) last = await engine.embed(features, 148);
  engine.close();
  parentPort!.postMessage(last);
}

function start(endless: boolean): { worker: Worker; message: Promise<unknown> } {
  const worker = new Worker(new URL(import.meta.url), { workerData: { endless } });
  const message = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { worker, message };
}

async function inMain(mode: string): Promise<void> {
  const engine = await Engine.create(randomModel(mode === 'exit' ? SLOW : TINY), { engine: engineName });
  if (mode === 'exit') {
    for (let i = 0; i < 200; i += 1) engine.embed(features, 148).catch(() => undefined);
    setTimeout(() => process.exit(7), 30);
    return;
  }
  const own = await engine.embed(features, 148);
  if (mode === 'workers') {
    const answers = await Promise.all(
      [start(false), start(false), start(false)].map(({ message }) => message),
    );
    for (const answer of answers)
      console.log(cosine(own, answer as Float32Array) > 0.999999 ? 'same' : 'different');
  }
  if (mode === 'terminate') {
    for (let round = 0; round < 2; round += 1) {
      const { worker, message } = start(true);
      await message;
      await worker.terminate();
      console.log(cosine(own, await engine.embed(features, 148)) > 0.999999 ? 'same' : 'different');
    }
  }
  if (mode === 'leave') {
    // Never closed and never awaited: the process must still end by itself.
    void engine.embed(features, 148);
    console.log('same');
  }
}

if (isMainThread) await inMain(process.argv[2]!);
else await inWorker((workerData as { endless: boolean }).endless);
