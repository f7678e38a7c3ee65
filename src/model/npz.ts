import {
  BYTES_PER_ELEMENT,
  decodeFloats,
  elementCount,
  gatherStrided,
  lookup,
  rowMajorStrides,
  type FloatType,
} from './dtype.js';
import { corrupt, formatShape, quote, unsupported } from './fault.js';
import type { ModelSource, RawModel, RawTensor } from './raw.js';
import type { ZipEntry } from './zip.js';

/** `\x93NUMPY`. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_HEADER_BYTES = 64 << 10;
const DTYPES: Readonly<Record<string, FloatType>> = { '<f2': 'F16', '<f4': 'F32', '<f8': 'F64' };

/**
 * The header is a Python literal that numpy writes in one form; only that form is taken, and nothing is
 * evaluated: {'descr': '<f4', 'fortran_order': False, 'shape': (256, 5120), }
 */
const HEADER =
  /^\{\s*'descr':\s*'([^'\\]{1,16})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/;

/** Read a numpy `.npz` archive, stored or deflated: `name.npy` becomes tensor `name`. */
export function readNpz({ label }: ModelSource, entries: ReadonlyMap<string, ZipEntry>): RawModel {
  const tensors = new Map<string, RawTensor>();
  for (const [name, entry] of entries) {
    if (!name.endsWith('.npy')) continue;
    tensors.set(name.slice(0, -'.npy'.length), parseNpy(`${label} (${quote(name)})`, entry.read()));
  }
  return { tensors };
}

/** Parse one `.npy` array, format 1.0 to 3.0. */
export function parseNpy(label: string, bytes: Uint8Array): RawTensor {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw corrupt(label, 'not a numpy array');
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw unsupported(label, `numpy format ${major}; expected 1, 2 or 3`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = major === 1 ? 10 : 12;
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || dataStart > bytes.length) {
    throw corrupt(label, `a header of ${headerBytes} bytes is announced in ${bytes.length}`);
  }
  const match = HEADER.exec(new TextDecoder('latin1').decode(bytes.subarray(headerStart, dataStart)));
  if (!match) throw corrupt(label, 'the numpy header is not in the form that numpy writes');
  return toTensor(
    label,
    match[1]!,
    match[2] === 'True',
    parseShape(label, match[3]!),
    bytes.subarray(dataStart),
  );
}

function parseShape(label: string, text: string): number[] {
  const sizes = text.split(',').map((size) => size.trim());
  if (sizes.at(-1) === '') sizes.pop();
  if (sizes.length > 8 || sizes.some((size) => !/^\d{1,15}$/.test(size)))
    throw corrupt(label, 'the shape is malformed');
  return sizes.map(Number);
}

function toTensor(
  label: string,
  descr: string,
  columnMajor: boolean,
  shape: readonly number[],
  data: Uint8Array,
): RawTensor {
  const type = lookup(DTYPES, descr);
  const count = elementCount(shape);
  if (count === undefined) throw corrupt(label, `the absurd shape ${formatShape(shape)}`);
  if (type && count * BYTES_PER_ELEMENT[type] !== data.length) {
    throw corrupt(label, `shape ${formatShape(shape)} of ${descr} has ${data.length} bytes`);
  }
  return {
    shape,
    read: () => {
      if (!type) throw unsupported(label, `elements ${quote(descr)}; expected <f2, <f4 or <f8`);
      const values = decodeFloats(data, type);
      if (!columnMajor) return values;
      const strides = rowMajorStrides([...shape].reverse()).reverse();
      return values instanceof Float32Array
        ? gatherStrided(values, shape, strides, new Float32Array(count))
        : gatherStrided(values, shape, strides, new Float64Array(count));
    },
  };
}
