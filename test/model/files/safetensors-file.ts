import { floatBytes, type TestTensor } from './weights.js';

export interface HeaderEntry {
  dtype: string;
  shape: readonly number[];
  data_offsets: [number, number];
}

/** A safetensors file from a header (an object, or JSON text to be taken as it is) and its data. */
export function safetensorsBytes(
  header: object | string,
  data: Uint8Array,
  headerBytes?: bigint,
): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, headerBytes ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** A plain F32 file of these tensors; `edit` may tamper with the header. */
export function safetensorsFile(
  tensors: ReadonlyMap<string, TestTensor>,
  edit: (header: Record<string, HeaderEntry>) => void = () => undefined,
): Uint8Array {
  const header: Record<string, HeaderEntry> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] };
    parts.push(floatBytes(data));
    at += data.byteLength;
  }
  edit(header);
  return safetensorsBytes(header, Buffer.concat(parts));
}
