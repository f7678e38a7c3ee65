// Gets MLX, the library and its headers, into .mlx/, where `npm run build:native` finds it: the official wheel from
// PyPI, checked by its sha256 (mlx-requirements.txt). Needs a Python with pip; PYTHON names another one.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, '.mlx');

function fail(message) {
  console.error(`mlx-fetch: ${message}`);
  process.exit(1);
}

function hasPip(python) {
  const result = spawnSync(python, ['-m', 'pip', '--version'], { stdio: 'ignore' });
  return result.error === undefined && result.status === 0;
}

if (!['darwin-arm64', 'linux-x64', 'linux-arm64'].includes(`${process.platform}-${process.arch}`)) {
  fail(`there is no MLX for ${process.platform}-${process.arch}; the cpu engine needs none`);
}
const pythons = [process.env.PYTHON, path.join(root, '.venv/bin/python'), 'python3', 'python'];
const python = pythons.find((candidate) => candidate !== undefined && candidate !== '' && hasPip(candidate));
if (python === undefined) {
  fail(
    process.platform === 'darwin'
      ? 'missing: Python with pip. Install with: brew install python'
      : 'missing: Python with pip. Install with: apt-get install -y python3-pip',
  );
}
rmSync(folder, { recursive: true, force: true });
const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--no-deps', '--no-cache-dir'];
const wheel = [
  '--only-binary',
  ':all:',
  '--require-hashes',
  '-r',
  path.join(root, 'scripts/mlx-requirements.txt'),
];
const result = spawnSync(python, [...pip, ...wheel, '--target', folder], { stdio: 'inherit' });
if (result.status !== 0 || !existsSync(path.join(folder, 'mlx/include/mlx/version.h'))) {
  rmSync(folder, { recursive: true, force: true });
  fail('pip could not install MLX; its message is above. The wheels need glibc 2.35 (Linux) or macOS 14');
}
console.log('MLX is in .mlx; build the engine with: npm run build:native');
