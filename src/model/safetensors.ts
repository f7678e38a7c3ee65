import { z } from 'zod';
import { BYTES_PER_ELEMENT, decodeFloats, elementCount, type FloatType } from './dtype.js';
import { corrupt, formatShape, quote, unsafe, unsupported } from './fault.js';
import { findDuplicateKey } from './json-keys.js';
import type { ModelSource, RawModel, RawTensor } from './raw.js';

const LENGTH_BYTES = 8;
/** A header names each tensor once: a few hundred bytes for each of a few hundred. */
const MAX_HEADER_BYTES = 8 << 20;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()).max(8),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
type Entry = z.output<typeof entrySchema>;

/** 8 bytes of length, then `{`: how a safetensors file begins. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > LENGTH_BYTES && bytes[LENGTH_BYTES] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

/**
 * Read a safetensors file: F32, F16, BF16 and F64 tensors; integers are listed and cannot be read.
 * Every offset is checked against the bytes that are there, and the tensors must tile them exactly.
 * Metadata that whospeaks writes (`config`, `name`, `calibration`) comes back as one object.
 */
export function readSafetensors({ bytes, label }: ModelSource): RawModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || dataStart > bytes.length) {
    throw corrupt(label, `a header of ${headerBytes} bytes is announced in a file of ${bytes.length}`);
  }
  const header = parseHeader(label, bytes.subarray(LENGTH_BYTES, dataStart));
  const data = bytes.subarray(dataStart);
  const tensors = new Map<string, RawTensor>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  let metadata: unknown;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = parseMetadata(label, value);
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw corrupt(label, `the header's entry ${quote(name)} is malformed`);
    const [begin, end] = parsed.data.data_offsets;
    if (begin > end || end > data.length) {
      throw corrupt(label, `tensor ${quote(name)} claims bytes ${begin} to ${end} of ${data.length}`);
    }
    ranges.push({ name, begin, end });
    tensors.set(name, toTensor(label, name, parsed.data, data.subarray(begin, end)));
  }
  checkTiling(label, ranges, data.length);
  return { tensors, metadata };
}

function parseHeader(label: string, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(label, 'the safetensors header is not JSON', error);
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) throw unsafe(label, `the header names ${quote(duplicate)} twice`);
  return z.record(z.string(), z.unknown()).parse(value);
}

function toTensor(label: string, name: string, entry: Entry, bytes: Uint8Array): RawTensor {
  const { dtype, shape } = entry;
  const type = Object.hasOwn(BYTES_PER_ELEMENT, dtype) ? (dtype as FloatType) : undefined;
  const count = elementCount(shape);
  if (count === undefined)
    throw corrupt(label, `tensor ${quote(name)} has the absurd shape ${formatShape(shape)}`);
  if (type && count * BYTES_PER_ELEMENT[type] !== bytes.length) {
    throw corrupt(
      label,
      `tensor ${quote(name)} of shape ${formatShape(shape)} ${type} has ${bytes.length} bytes`,
    );
  }
  return {
    shape,
    read: () => {
      if (!type)
        throw unsupported(label, `tensor ${quote(name)} is ${quote(dtype)}; expected F32, F16, BF16 or F64`);
      return decodeFloats(bytes, type);
    },
  };
}

/** The format forbids holes and overlaps: either would let a file hold more than it says. */
function checkTiling(
  label: string,
  ranges: { name: string; begin: number; end: number }[],
  length: number,
): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of ranges) {
    if (begin < at) throw unsafe(label, `tensor ${quote(name)} overlaps another`);
    if (begin > at) throw corrupt(label, `${begin - at} bytes before tensor ${quote(name)} belong to none`);
    at = end;
  }
  if (at !== length) throw corrupt(label, `${length - at} bytes at the end belong to no tensor`);
}

/** Metadata values are strings; ours hold JSON under `config` and `calibration`. */
function parseMetadata(label: string, value: unknown): unknown {
  const strings = z.record(z.string(), z.string()).safeParse(value);
  if (!strings.success) throw corrupt(label, 'the metadata is not a map of strings');
  const { format, config, name, calibration } = strings.data;
  if (format !== 'whospeaks') return undefined;
  const parse = (text: string | undefined): unknown => {
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw corrupt(label, 'the metadata holds broken JSON', error);
    }
  };
  return { ...(parse(config) as object | undefined), name, calibration: parse(calibration) };
}
