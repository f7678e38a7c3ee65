import type { Mutator } from '../../../test/mutator.js';

/** A number that a reader believes. */
export interface Field {
  readonly at: number;
  readonly bytes: 1 | 2 | 3 | 4;
  readonly order: 'be' | 'le';
}

/** Put right where bytes before it changed, so that the fault is met behind the checksum. */
export type Mend = (bytes: Buffer) => void;

/** A valid file, and where its numbers and checksums stand. */
export interface Seed {
  readonly bytes: Buffer;
  readonly fields: readonly Field[];
  /** In the order in which they depend on each other. */
  readonly sums: readonly Mend[];
}

export function field(at: number, bytes: Field['bytes'] = 1, order: Field['order'] = 'le'): Field {
  return { at, bytes, order };
}

/** A field for each byte from `at` on. */
export function bytesFrom(at: number, count: number): Field[] {
  return Array.from({ length: count }, (_, i) => field(at + i));
}

/** Two in three: one to three numbers that lie, under right checksums. Else damage of any kind, anywhere. */
export function mutant(mutator: Mutator, seeds: readonly Seed[]): Uint8Array {
  const { bytes, fields, sums } = mutator.pick(seeds);
  const copy = Buffer.from(bytes);
  if (fields.length > 0 && mutator.chance(2 / 3)) {
    for (let i = 1 + mutator.int(3); i > 0; i--) lie(mutator, copy, mutator.pick(fields));
    for (const mend of sums) mend(copy);
    return copy;
  }
  return damage(mutator, copy, mutator.pick(seeds).bytes);
}

function lie(mutator: Mutator, bytes: Buffer, { at, bytes: width, order }: Field): void {
  if (at + width > bytes.length) return;
  const all = 256 ** width;
  const was = order === 'le' ? bytes.readUIntLE(at, width) : bytes.readUIntBE(at, width);
  const near = [was - 1, was + 1, was * 2, was >> 1, was ^ (1 << mutator.int(8))];
  const far = [0, 1, all / 2 - 1, all / 2, all - 2, all - 1, mutator.int(all), mutator.int(256)];
  const value = ((mutator.pick(mutator.chance(0.5) ? near : far) % all) + all) % all;
  if (order === 'le') bytes.writeUIntLE(value, at, width);
  else bytes.writeUIntBE(value, at, width);
}

function damage(mutator: Mutator, bytes: Buffer, other: Buffer): Uint8Array {
  const at = mutator.int(bytes.length);
  const length = mutator.int(Math.min(4096, bytes.length - at));
  switch (mutator.int(5)) {
    case 0: {
      for (let i = 1 + mutator.int(16); i > 0; i--) bytes[mutator.int(bytes.length)] = mutator.int(256);
      return bytes;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 3: {
      const from = mutator.int(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at)]);
    }
    default:
      return mutator.bytes(bytes);
  }
}
