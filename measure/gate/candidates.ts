import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeechGate } from '../../src/fbank/index.js';
import { NativeLogMel } from '../../src/native/index.js';
import { Framer, SHIFT_SAMPLES } from '../../src/stream/index.js';
import type { Recording } from './recordings.js';

/** Flags of every recording, one per 10 ms frame, null where it was left out; and the CPU time, where known. */
export interface Outcome {
  readonly name: string;
  readonly flags: readonly (Uint8Array | null)[];
  readonly microsecondsPerFrame?: number;
}

/** Opens at `open`, closes below `close` after `hold` frames: the same for every candidate. */
function hysteresis(scores: ArrayLike<number>, open: number, close: number, hold: number): Uint8Array {
  let isOpen = false;
  let left = 0;
  return Uint8Array.from(scores, (score) => {
    if (score >= (isOpen ? close : open)) {
      isOpen = true;
      left = hold;
    } else if (left > 0) left--;
    else isOpen = false;
    return isOpen ? 1 : 0;
  });
}

/** A gate of ours, on features computed beforehand, which the network needs anyhow. */
export function ours(name: string, make: () => SpeechGate, recordings: readonly Recording[]): Outcome {
  const logMel = new NativeLogMel();
  let microseconds = 0;
  let frames = 0;
  const flags = recordings.map(({ samples }) => {
    const block = new Framer().push({ startSample: 0, samples })!;
    const features = logMel.compute(block);
    const gate = make();
    const began = process.cpuUsage();
    const out = gate.push(features, block.count).map((flag) => (flag === 0 ? 0 : 1));
    const spent = process.cpuUsage(began);
    microseconds += spent.user + spent.system;
    frames += block.count;
    return out;
  });
  return { name, flags, microsecondsPerFrame: microseconds / frames };
}

/** WebRTC's voice activity detector (libfvad) in WebAssembly. */
export async function webRtc(mode: number, hold: number, recordings: readonly Recording[]): Promise<Outcome> {
  const { default: load } = await import('@echogarden/fvad-wasm');
  const vad = await load();
  const memory = vad._malloc(2 * SHIFT_SAMPLES);
  let microseconds = 0;
  let frames = 0;
  const flags = recordings.map(({ samples, truth }) => {
    const handle = vad._fvad_new();
    vad._fvad_set_mode(handle, mode);
    vad._fvad_set_sample_rate(handle, 16_000);
    const began = process.cpuUsage();
    const raw = Float64Array.from(truth, (_, i) => {
      const shift = samples.subarray(i * SHIFT_SAMPLES, (i + 1) * SHIFT_SAMPLES);
      vad.HEAP16.set(
        shift.map((v) => Math.max(-32_768, Math.min(32_767, Math.round(v * 32_768)))),
        memory / 2,
      );
      return vad._fvad_process(handle, memory, SHIFT_SAMPLES);
    });
    const spent = process.cpuUsage(began);
    microseconds += spent.user + spent.system;
    frames += truth.length;
    vad._fvad_free(handle);
    return hysteresis(raw, 0.5, 0.5, hold);
  });
  return {
    name: `WebRTC VAD, mode ${mode}, held ${hold * 10} ms`,
    flags,
    microsecondsPerFrame: microseconds / frames,
  };
}

/**
 * RNNoise's speech probability in WebAssembly. It works at 48 kHz, so sound is raised to that here. It is so
 * slow that only the meetings and the noises are tried.
 */
export async function rnnoise(
  thresholds: readonly [number, number][],
  recordings: readonly Recording[],
): Promise<Outcome[]> {
  const { default: load } = await import('@jitsi/rnnoise-wasm/dist/rnnoise-sync.js');
  const denoiser = load();
  await denoiser.ready;
  const memory = denoiser._malloc(4 * 3 * SHIFT_SAMPLES);
  const raise = tripler();
  let microseconds = 0;
  let frames = 0;
  const scores = recordings.map(({ set, samples, truth }) => {
    if (set !== 'meeting' && set !== 'noise') return null;
    const state = denoiser._rnnoise_create();
    const raised = raise(samples);
    const began = process.cpuUsage();
    const raw = Float64Array.from(truth, (_, i) => {
      denoiser.HEAPF32.set(raised.subarray(i * 480, (i + 1) * 480), memory / 4);
      return denoiser._rnnoise_process_frame(state, memory, memory);
    });
    const spent = process.cpuUsage(began);
    microseconds += spent.user + spent.system;
    frames += truth.length;
    denoiser._rnnoise_destroy(state);
    return raw;
  });
  return thresholds.map(([open, close]) => ({
    name: `RNNoise, ${open} / ${close}, held 150 ms`,
    flags: scores.map((s) => s && hysteresis(s, open, close, 15)),
    microsecondsPerFrame: microseconds / frames,
  }));
}

/** 16 kHz to 48 kHz at 16-bit range by a windowed sinc of 24 samples. */
function tripler(): (samples: Float32Array) => Float32Array {
  const taps = 24;
  const kernel = Float64Array.from({ length: 3 * taps }, (_, i) => {
    const t = (i - (3 * taps - 1) / 2) / 3;
    return (
      (Math.sin(Math.PI * t) / (Math.PI * t)) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / (3 * taps)))
    );
  });
  return (samples) => {
    const out = new Float32Array(3 * samples.length);
    for (let i = 0; i < out.length; i++) {
      const at = Math.floor(i / 3);
      const reach = Math.min(taps, at + 1);
      let sum = 0;
      for (let j = 0; j < reach; j++) sum += kernel[3 * j + (i % 3)]! * samples[at - j]!;
      out[i] = 32_768 * sum;
    }
    return out;
  };
}

/** Silero VAD by onnxruntime in Python: too heavy to ship, here as the mark to aim at. */
export function silero(
  python: string,
  thresholds: readonly [number, number][],
  recordings: readonly Recording[],
): Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  try {
    const parts = recordings.flatMap(({ samples }) => [
      Buffer.from(Int32Array.of(samples.length).buffer),
      Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
    ]);
    writeFileSync(join(folder, 'in'), Buffer.concat(parts));
    execFileSync(python, ['measure/gate/silero.py', join(folder, 'in'), join(folder, 'out')]);
    const out = readFileSync(join(folder, 'out'));
    let at = 0;
    const scores = recordings.map(() => {
      const count = out.readInt32LE(at);
      const row = Float32Array.from({ length: count }, (_, i) => out.readFloatLE(at + 4 + 4 * i));
      at += 4 + 4 * count;
      return row;
    });
    return thresholds.map(([open, close]) => ({
      name: `Silero VAD, ${open} / ${close}, held 150 ms`,
      flags: scores.map((s) => hysteresis(s, open, close, 15)),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
