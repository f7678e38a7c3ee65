import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileBeside } from './config.js';
import { corrupt, quote } from './fault.js';
import type { RawTensor } from './raw.js';
import { readSafetensors } from './safetensors.js';

/** A tensor of a file that a config names, and what to call that file. */
export interface BesideReader {
  readonly label: string;
  /** Throws `model-corrupt` where there is none of that name. */
  tensor(name: string): RawTensor;
}

/**
 * Open a safetensors file that a config names, beside it. Throws `model-corrupt` where it is missing, damaged or another
 * than the config says.
 *
 * @param kind what it is, for people: `cohort`
 */
export async function openBeside(
  folder: string,
  { file, sha256 }: FileBeside,
  kind: string,
): Promise<BesideReader> {
  const label = join(folder, file);
  let bytes: Buffer;
  try {
    bytes = await readFile(label);
  } catch (error) {
    throw corrupt(label, `the config names this ${kind} file, and it cannot be read`, error);
  }
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw corrupt(label, `the ${kind} file is not the one that the config was written with (sha256)`);
  }
  const { tensors } = readSafetensors({ bytes, label });
  return {
    label,
    tensor: (name) => {
      const found = tensors.get(name);
      if (found === undefined) throw corrupt(label, `no tensor ${quote(name)}`);
      return found;
    },
  };
}
