/** CPU time of the front end: log-mel features, speech gate and windows, on 10 minutes of sound. */
import { Fbank, NeuralGate, Windower } from '../src/fbank/index.js';
import { Framer } from '../src/stream/index.js';

const SECONDS = 600;
const block = new Framer().push({
  startSample: 0,
  samples: Float32Array.from(
    { length: SECONDS * 16_000 },
    (_, i) => 0.3 * Math.sin(i * i * 1e-7) + 1e-3 * Math.sin(i * 7.7),
  ),
})!;

/** Least of five runs: other work on the machine only ever adds. */
function microsecondsPerFrame(run: () => void): string {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / block.count);
  }
  return least.toFixed(2);
}

const fbank = new Fbank();
const features = fbank.compute(block);
const speech = new NeuralGate().push(features, block.count);
console.log(`log-mel  ${microsecondsPerFrame(() => fbank.compute(block))} us a frame`);
console.log(
  `gate     ${microsecondsPerFrame(() => new NeuralGate().push(features, block.count))} us a frame`,
);
console.log(
  `windows  ${microsecondsPerFrame(() => new Windower().push({ startSample: 0, count: block.count, features, speech }))} us a frame`,
);
