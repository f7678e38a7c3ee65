// Time of finding a voice among very many enrolled, and how often it is found: `recall` of the enrolled speaker, by
// the cosine of the voice with its profile, and of the ten nearest profiles of a voice that nobody enrolled.
//   tsx measure/speed/speaker-index.ts [--sizes 1000,10000,100000,1000000]
import { parseArgs } from 'node:util';
import { loadAddon } from '../../src/native/load-addon.js';
import { randomSource } from '../random-model.js';
import { record } from './results.js';
import { cpuMs, percentile } from './statistics.js';

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '1000,10000,100000,1000000' } },
});
const DIMENSION = 256;
const QUERIES = 100;
const BLOCK = 20_000;
const COSINES = [0.4, 0.6];
const random = randomSource(1);

/** A unit vector of even direction but for what all voices share. */
function voice(): Float32Array {
  const v = new Float32Array(DIMENSION);
  let squares = 0;
  for (let k = 0; k < DIMENSION; k++) {
    v[k] = random() + random() + random() + (k === 0 ? 4 : 0);
    squares += v[k]! * v[k]!;
  }
  const length = Math.sqrt(squares);
  for (let k = 0; k < DIMENSION; k++) v[k]! /= length;
  return v;
}

/** A unit vector at a cosine with `v`. */
function near(v: Float32Array, cosine: number): Float32Array {
  const other = voice();
  const along = v.reduce((sum, value, k) => sum + value * other[k]!, 0);
  const away = other.map((value, k) => value - along * v[k]!);
  const length = Math.hypot(...away);
  const side = Math.sqrt(1 - cosine * cosine) / length;
  return v.map((value, k) => cosine * value + side * away[k]!);
}

const header = ['speakers', 'CPU ms, p50', 'clock ms, p99', ...COSINES.map((c) => `recall at cosine ${c}`)];
console.log(`| ${[...header, 'ten nearest to a stranger', 'memory, MB'].join(' | ')} |`);
console.log(`|${'---|'.repeat(header.length + 2)}`);
for (const size of values.sizes.split(',').map(Number)) {
  const index = loadAddon().createVectorIndex(DIMENSION);
  const enrolled: { slot: number; voice: Float32Array }[] = [];
  for (let first = 0; first < size; first += BLOCK) {
    const count = Math.min(BLOCK, size - first);
    const block = new Float32Array(count * DIMENSION);
    for (let i = 0; i < count; i++) block.set(voice(), i * DIMENSION);
    index.add(block);
    const wanted = Math.ceil((QUERIES * count) / size);
    for (let i = 0; i < wanted; i++) {
      enrolled.push({ slot: first + i, voice: block.slice(i * DIMENSION, (i + 1) * DIMENSION) });
    }
  }
  const times: number[] = [];
  const cpuTimes: number[] = [];
  const search = (query: Float32Array, count: number): Uint32Array => {
    const start = performance.now();
    const cpuStart = cpuMs();
    const { slots } = index.search(query, count, 0);
    times.push(performance.now() - start);
    cpuTimes.push(cpuMs() - cpuStart);
    return slots;
  };
  const asked = enrolled.slice(0, QUERIES);
  const recalls = COSINES.map((cosine) => {
    const found = asked.filter(({ slot, voice }) => search(near(voice, cosine), 1)[0] === slot).length;
    return `${((100 * found) / asked.length).toFixed(0)} %`;
  });
  let nearest = 0;
  const strangers = 20;
  for (let i = 0; i < strangers; i++) {
    const query = voice();
    const exact = new Set(index.search(query, 10, size).slots);
    nearest += search(query, 10).filter((slot) => exact.has(slot)).length;
  }
  const share = `${((100 * nearest) / (10 * strangers)).toFixed(0)} %`;
  record(`index ${size}`, percentile(cpuTimes, 0.5));
  const time = [percentile(cpuTimes, 0.5), percentile(times, 0.99)].map((ms) => ms.toFixed(2));
  const memory = (index.bytes() / 1e6).toFixed(0);
  console.log(`| ${[size.toLocaleString('en'), ...time, ...recalls, share, memory].join(' | ')} |`);
}
