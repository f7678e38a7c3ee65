// What the resampler's quality costs, and what it does to voices: time and response from 48 kHz by quality, and the equal
// error rate of recordings that went to 48 kHz and back, against each other and against the originals.
//   tsx measure/speed/resampler.ts --audio FOLDER [--seconds N]     FOLDER: one folder a speaker, in it recordings
import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { equalErrorRate } from '../../src/evaluate/index.js';
import { cosineSimilarity, SpeakerModel } from '../../src/native/index.js';
import { fromFile, readAll } from '../../src/stream/index.js';
import { loadSpeex } from '../../src/stream/speex.js';

const { values } = parseArgs({
  options: { audio: { type: 'string' }, seconds: { type: 'string', default: '4' } },
});
const QUALITIES = [8, 7, 6, 5, 4];
const HIGH_HZ = 48_000;
const BLOCK = 960;
/** Zeros behind the sound, so that the filter gives its last. */
const TAIL = 4 * BLOCK;
const speex = await loadSpeex();

/** 48 kHz to 16 kHz, as `StreamResampler` does it, at any quality. */
function down(input: Float32Array, quality: number): Float32Array {
  const padded = new Float32Array(Math.ceil((input.length + TAIL) / BLOCK) * BLOCK);
  padded.set(input);
  const lengths = speex._malloc(8);
  const from = speex._malloc(4 * BLOCK);
  const to = speex._malloc(4 * BLOCK);
  const state = speex._speex_resampler_init(1, HIGH_HZ, 16_000, quality, lengths);
  speex._speex_resampler_skip_zeros(state);
  const output = new Float32Array(padded.length);
  let made = 0;
  for (let at = 0; at < padded.length; at += BLOCK) {
    speex.HEAPF32.set(padded.subarray(at, at + BLOCK), from / 4);
    speex.HEAPU32.set([BLOCK, BLOCK], lengths / 4);
    speex._speex_resampler_process_float(state, 0, from, lengths, to, lengths + 4);
    const got = speex.HEAPU32[lengths / 4 + 1]!;
    output.set(speex.HEAPF32.subarray(to / 4, to / 4 + got), made);
    made += got;
  }
  speex._speex_resampler_destroy(state);
  for (const pointer of [lengths, from, to]) speex._free(pointer);
  return output.slice(0, Math.round(input.length / 3));
}

/** 16 kHz to 48 kHz by a windowed sinc of 320 input samples, flat to 7.8 kHz. */
function up(input: Float32Array): Float32Array {
  const half = 480;
  const band = 0.9875;
  const filter = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = ((i - half) / 3) * band * Math.PI;
    const angle = (Math.PI * (i - half)) / half;
    // Blackman's window.
    return (
      (x === 0 ? band : (band * Math.sin(x)) / x) *
      (0.42 + 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle))
    );
  });
  return Float32Array.from({ length: 3 * input.length }, (_, n) => {
    const last = Math.min(input.length - 1, Math.floor((n + half) / 3));
    let sum = 0;
    for (let k = Math.max(0, Math.ceil((n - half) / 3)); k <= last; k++)
      sum += input[k]! * filter[n - 3 * k + half]!;
    return sum;
  });
}

function response(hz: number, quality: number): string {
  const tone = Float32Array.from({ length: HIGH_HZ }, (_, i) => Math.sin((2 * Math.PI * hz * i) / HIGH_HZ));
  const middle = down(tone, quality).subarray(4_000, 12_000);
  const square = middle.reduce((sum, x) => sum + x * x, 0) / middle.length;
  return (10 * Math.log10(2 * square)).toFixed(2);
}

function milliseconds(quality: number): string {
  const input = new Float32Array(10 * HIGH_HZ).map((_, i) => Math.sin(i * i * 1e-5));
  const began = process.cpuUsage();
  for (let round = 0; round < 5; round++) down(input, quality);
  const { user, system } = process.cpuUsage(began);
  return ((user + system) / 1000 / 5 / 20).toFixed(2);
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /\.(flac|wav)$/i.test(name) ? [path] : [];
  });
}

const TONES_HZ = [7_000, 7_200, 7_500, 8_000, 8_300, 10_000];
console.log(`| quality | CPU ms for half a second | ${TONES_HZ.map((hz) => `${hz} Hz, dB`).join(' | ')} |`);
console.log(`|${'---|'.repeat(2 + TONES_HZ.length)}`);
for (const quality of QUALITIES) {
  console.log(
    `| ${[quality, milliseconds(quality), ...TONES_HZ.map((hz) => response(hz, quality))].join(' | ')} |`,
  );
}

if (values.audio !== undefined) {
  const root = values.audio;
  const model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
  const paths = files(root);
  const speakers = paths.map((path) => path.slice(root.length).split(sep).filter(Boolean)[0]!);
  const originals: Float32Array[] = [];
  const resampled = new Map(QUALITIES.map((quality) => [quality, [] as Float32Array[]]));
  for (const path of paths) {
    const samples = (await readAll(fromFile(path))).slice(0, Number(values.seconds) * 16_000);
    originals.push(await model.embed(samples, 16_000));
    const high = up(samples);
    for (const quality of QUALITIES) {
      resampled.get(quality)!.push(await model.embed(down(high, quality), 16_000));
    }
  }
  model.close();
  const eer = (a: readonly Float32Array[], b: readonly Float32Array[]): string => {
    const targets: number[] = [];
    const impostors: number[] = [];
    for (const [i, one] of a.entries()) {
      for (let j = 0; j < i; j++) {
        (speakers[i] === speakers[j] ? targets : impostors).push(cosineSimilarity(one, b[j]!));
      }
    }
    return `${(100 * equalErrorRate({ targets, impostors }).rate).toFixed(2)} %`;
  };
  console.log(`\n${paths.length} recordings; EER at 16 kHz ${eer(originals, originals)}`);
  console.log(
    '| quality | EER | EER against 16 kHz | least cosine with 16 kHz | median |\n|---|---|---|---|---|',
  );
  for (const [quality, list] of resampled) {
    const cosines = list.map((one, i) => cosineSimilarity(one, originals[i]!)).sort((a, b) => a - b);
    const ends = [cosines[0]!, cosines[cosines.length >> 1]!].map((cosine) => cosine.toFixed(4));
    console.log(`| ${[quality, eer(list, list), eer(list, originals), ...ends].join(' | ')} |`);
  }
}
