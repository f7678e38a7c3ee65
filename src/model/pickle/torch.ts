import { decodeFloats, elementCount, gatherStrided, rowMajorStrides } from '../dtype.js';
import { corrupt, formatShape, quote, unsafe, unsupported } from '../fault.js';
import type { ModelSource, RawModel, RawTensor } from '../raw.js';
import type { ZipEntry } from '../zip.js';
import { torchOptions } from './torch-build.js';
import { TorchTensor } from './torch-values.js';
import { unpickle } from './unpickler.js';
import { PickleDict, PickleObject, type PickleValue } from './values.js';

/** A state dict lies at most this deep in a checkpoint. */
const MAX_DEPTH = 4;
const MAX_TENSORS = 4096;

/** Whether a zip archive is one that `torch.save` wrote. */
export function findTorchPickle(entries: ReadonlyMap<string, ZipEntry>): string | undefined {
  return [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
}

/**
 * Read what `torch.save` wrote: a plain state dict, or a checkpoint (Lightning's, WeSpeaker's) that holds
 * one. The pickle is read as data by `unpickle`; no Python, and nothing in it runs.
 */
export function readTorch({ label }: ModelSource, entries: ReadonlyMap<string, ZipEntry>): RawModel {
  const pickle = findTorchPickle(entries)!;
  const folder = pickle.slice(0, pickle.indexOf('/') + 1);
  if (entries.has(`${folder}constants.pkl`)) {
    throw unsupported(label, 'a TorchScript program; save the state dict of the network instead');
  }
  const order = entries.get(`${folder}byteorder`);
  if (order && order.size < 16 && new TextDecoder().decode(order.read()).trim() !== 'little') {
    throw unsupported(label, 'written on a big-endian machine; save it again on a little-endian one');
  }
  const root = unpickle(entries.get(pickle)!.read(), torchOptions(label));
  const archive = new TorchArchive(label, folder, entries);
  const tensors = new Map<string, RawTensor>();
  for (const [name, tensor] of findStateDict(label, root)) tensors.set(name, archive.tensor(name, tensor));
  archive.checkTotal();
  return { tensors };
}

/** A tensor that only a network's state dict holds: an embedding's, or a segmentation's. */
const SIGN = /(?:^|\.)(?:conv1\.weight|lstm\.weight_hh_l0)$/;

/** The first dict, breadth first, that maps such a name to a tensor. */
function findStateDict(label: string, root: PickleValue): [string, TorchTensor][] {
  let level: PickleValue[] = [root];
  const seen = new Set<PickleValue>();
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: PickleValue[] = [];
    for (const value of level) {
      if (!(value instanceof PickleDict) || seen.has(value)) continue;
      seen.add(value);
      const tensors = [...value.entries].filter(
        (entry): entry is [string, TorchTensor] =>
          typeof entry[0] === 'string' && entry[1] instanceof TorchTensor,
      );
      if (tensors.some(([name]) => SIGN.test(name))) {
        if (tensors.length > MAX_TENSORS) throw unsafe(label, `a state dict of ${tensors.length} tensors`);
        return tensors;
      }
      for (const inner of value.entries.values()) next.push(inner);
    }
    level = next;
  }
  throw unsupported(
    label,
    root instanceof PickleObject
      ? 'a pickled object instead of a state dict; save it with torch.save(model.state_dict(), ...)'
      : 'the checkpoint holds no state dict with a "conv1.weight"; expected the weights of a WeSpeaker ResNet',
  );
}

class TorchArchive {
  private readonly unpacked = new Map<string, Uint8Array>();
  private claimedBytes = 0;

  constructor(
    private readonly label: string,
    private readonly folder: string,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** Check a tensor against the storage that is really there. */
  tensor(name: string, { storage, type, offset, shape, strides }: TorchTensor): RawTensor {
    const entry = this.entries.get(`${this.folder}data/${storage.key}`);
    if (!entry) throw corrupt(this.label, `the storage of tensor ${quote(name)} is missing from the archive`);
    const storageBytes = storage.elements * storage.type.bytes;
    if (storageBytes !== entry.size) {
      throw corrupt(
        this.label,
        `the storage of tensor ${quote(name)} has ${entry.size} bytes, not ${storageBytes}`,
      );
    }
    const count = elementCount(shape);
    if (count === undefined)
      throw corrupt(this.label, `tensor ${quote(name)} has the shape ${formatShape(shape)}`);
    const available = Math.floor(storageBytes / type.bytes);
    const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
    if (count > 0 && (last >= available || count > available)) {
      throw unsafe(
        this.label,
        `tensor ${quote(name)} of shape ${formatShape(shape)} reaches outside its storage`,
      );
    }
    this.claimedBytes += count * type.bytes;
    return {
      shape,
      read: () => {
        if (!type.float)
          throw unsupported(this.label, `tensor ${quote(name)} does not hold floating-point numbers`);
        const contiguous = rowMajorStrides(shape).every(
          (step, axis) => step === strides[axis] || shape[axis] === 1,
        );
        const end = contiguous ? offset + count : last + 1;
        const bytes = this.storage(entry).subarray(offset * type.bytes, end * type.bytes);
        const values = decodeFloats(bytes, type.float);
        if (contiguous) return values;
        return values instanceof Float32Array
          ? gatherStrided(values, shape, strides, new Float32Array(count))
          : gatherStrided(values, shape, strides, new Float64Array(count));
      },
    };
  }

  /** Many tensors may not stand on one storage, or a small file would fill the memory. */
  checkTotal(): void {
    let total = 0;
    for (const { size } of this.entries.values()) total += size;
    if (this.claimedBytes > total) {
      throw unsafe(this.label, `its tensors claim ${this.claimedBytes} bytes, the archive holds ${total}`);
    }
  }

  private storage(entry: ZipEntry): Uint8Array {
    let bytes = this.unpacked.get(entry.name);
    if (!bytes) {
      bytes = entry.read();
      this.unpacked.set(entry.name, bytes);
    }
    return bytes;
  }
}
