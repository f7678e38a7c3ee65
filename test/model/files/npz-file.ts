import { zipSync, type Zippable } from 'fflate';
import { floatBytes, type TestTensor } from './weights.js';

/** One array as numpy writes it. `header` replaces the Python literal. */
export function npyFile({ shape, data }: TestTensor, version: 1 | 2 | 3 = 1, header?: string): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const literal = header ?? `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${literal.padEnd(Math.ceil((start + literal.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), start);
  bytes.set(floatBytes(data), start + padded.length);
  return bytes;
}

/** A `.npz`: deflated, as `numpy.savez_compressed` writes it, or stored, as `numpy.savez` does. */
export function npzFile(tensors: ReadonlyMap<string, TestTensor>, level: 0 | 6 = 6): Uint8Array {
  const entries = [...tensors].map(([name, tensor]) => [`${name}.npy`, npyFile(tensor)]);
  return zipSync(Object.fromEntries(entries) as Zippable, { level, mtime: '2000-01-01' });
}
