import type { Random } from '../src/acoustics/random.js';

/** Values that a reader of JSON or text may not expect where it expects another. */
export const NASTY: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  -1e308,
  4294967296,
  Number.MAX_SAFE_INTEGER,
  '',
  'x',
  '\u0000',
  '__proto__',
  'unknown-1',
  'a/../../b',
  '\ud800',
  'é'.repeat(300),
  [],
  [[]],
  {},
  { toString: 1 },
  'NaN',
  '9'.repeat(400),
];

/** Faults of every kind of input: the same ones for the same numbers. */
export class Mutator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  int(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(items.length)]!;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  text(text: string): string {
    const at = this.int(text.length + 1);
    switch (this.int(5)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + String.fromCharCode(this.int(65_536)) + text.slice(at + 1);
      case 2:
        return text + text;
      case 3:
        return '['.repeat(this.int(3000)) + text;
      default:
        return text.slice(at) + text.slice(0, at);
    }
  }

  bytes(bytes: Uint8Array): Uint8Array {
    const mutant = bytes.slice();
    switch (this.int(5)) {
      case 0:
        return mutant.subarray(0, this.int(mutant.length + 1));
      case 1:
        mutant[this.int(4)] = this.int(256);
        return mutant;
      case 2:
        mutant[this.int(mutant.length)] = this.int(256);
        return mutant;
      case 3:
        return new Uint8Array(this.int(64)).map(() => this.int(256));
      default:
        mutant.fill(this.pick([0, 0x7f, 0x80, 0xff]), this.int(mutant.length));
        return mutant;
    }
  }
}
