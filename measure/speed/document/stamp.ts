import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CanonicalModel } from '../../../src/model/types.js';
import { randomModel, RESNET34 } from '../../random-model.js';
import type { Stamp } from './kept.js';

export function stampNow(root: string, isQuick: boolean): Stamp {
  return {
    commit: commitOf(root),
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`,
    weights: weightsFingerprint(join(root, 'models'), randomModel(RESNET34)),
    isQuick,
  };
}

/** Of every file of weights in a folder, and of a network in memory: the first digits of a sha256. */
export function weightsFingerprint(folder: string, { tensors }: Pick<CanonicalModel, 'tensors'>): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
  for (const name of files) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  for (const [name, { data }] of tensors)
    hash.update(`${name}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex').slice(0, 16);
}

function commitOf(root: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // The document's own files change as it is measured.
    const isChanged = git('status', '--porcelain', '--', '.', ':!docs') !== '';
    return `${git('rev-parse', '--short=10', 'HEAD')}${isChanged ? ', with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
