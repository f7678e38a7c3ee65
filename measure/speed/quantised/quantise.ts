import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MEL_BINS, WINDOW_FRAMES } from '../../../src/stream/geometry.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const VENV = join(here, '../.venv');
const PYTHON = join(VENV, 'bin/python');
const REQUIREMENTS = join(here, 'requirements.txt');
/** A copy of the requirements that are installed. */
const INSTALLED = join(VENV, 'installed.txt');

export interface Quantised {
  /** The ONNX file: int8 weights, uint8 activations. */
  readonly file: Uint8Array;
  /** What onnxruntime makes of it, one line. */
  readonly report: string;
}

/**
 * An ONNX network in 8 bits as onnxruntime's own tool makes it, calibrated on these windows of WINDOW_FRAMES x MEL_BINS
 * features. Throws where Python is missing, the tool fails, or a convolution would not run in 8 bits.
 */
export function quantise(network: Uint8Array, windows: readonly Float32Array[]): Quantised {
  install();
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-int8-'));
  const [from, features, to] = ['fp32.onnx', 'features.f32', 'int8.onnx'].map((name) => join(folder, name));
  try {
    writeFileSync(from!, network);
    writeFileSync(
      features!,
      Buffer.concat(windows.map((w) => Buffer.from(w.buffer, w.byteOffset, w.byteLength))),
    );
    const shape = `${WINDOW_FRAMES},${MEL_BINS}`;
    const told = python([join(here, 'quantise.py'), from!, features!, to!, '--shape', shape]);
    return { file: readFileSync(to!), report: told.trim().split('\n').at(-1)! };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The benchmark's own venv, made at first use. */
function install(): void {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return;
  execFileSync(process.env.PYTHON ?? 'python3', ['-m', 'venv', VENV], { stdio: ['ignore', 2, 2] });
  python(['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(INSTALLED, wanted);
}

const python = (args: readonly string[]): string =>
  execFileSync(PYTHON, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
