import { bytesBeside, pathBeside } from './bytes-beside.js';
import type { FileBeside } from './config.js';
import { corrupt, quote } from './fault.js';
import type { RawTensor } from './raw.js';
import { readSafetensors } from './safetensors.js';
import { sha256 as hashOf } from './sha256.js';

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
  const label = pathBeside(folder, file);
  let bytes: Uint8Array;
  try {
    bytes = await bytesBeside(folder, file);
  } catch (error) {
    throw corrupt(label, `the config names this ${kind} file, and it cannot be read`, error);
  }
  if (sha256 !== undefined && hashOf([bytes]) !== sha256) {
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
