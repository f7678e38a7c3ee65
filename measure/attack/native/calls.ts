import { Random } from '../../../src/acoustics/random.js';
import { Mutator } from '../../../test/mutator.js';
import { ARRAYS, kindOf, STRANGE } from './arguments.js';
import { callables, type Callable } from './callables.js';

export interface Call {
  readonly name: string;
  readonly callable: Callable;
  readonly args: readonly unknown[];
  /** Whether an argument, or a property of one, is of another type than it should be. */
  readonly isWrong: boolean;
  /** Called on something else than what it is a method of. */
  readonly self?: unknown;
}

const NAMES = Object.keys(callables);

function mutatorOf(seed: number, index: number): Mutator {
  return new Mutator(new Random(seed * 0x01000193 + index * 0x9e3779b1));
}

/** Which function is called with what: the same for the same seed and number. */
export function callOf(seed: number, index: number): Call {
  const mutator = mutatorOf(seed, index);
  const name = NAMES[index % NAMES.length]!;
  const callable = callables[name]!;
  const args = [...callable.takes];
  let isWrong = false;
  for (let i = 0; i < args.length; i++) {
    if (!mutator.chance(0.5)) continue;
    const [value, wrong] = instead(mutator, args[i]);
    args[i] = value;
    isWrong ||= wrong;
  }
  if (args.length > 0 && mutator.chance(0.1)) {
    args.pop();
    isWrong = true;
  }
  return { name, callable, args, isWrong };
}

/** The right arguments, on an object of another class or of none. */
export async function strayCallOf(seed: number, index: number): Promise<Call> {
  const mutator = mutatorOf(seed, index);
  const methods = NAMES.filter((name) => name.includes('.'));
  const name = methods[index % methods.length]!;
  const [maker] = name.split('.');
  const others = methods.filter((other) => !other.startsWith(maker!));
  const self: unknown = mutator.chance(0.7) ? await callables[mutator.pick(others)]!.on() : {};
  const callable = callables[name]!;
  return { name, callable, args: callable.takes, isWrong: true, self };
}

/** Another value in the place of a right one; half of the objects are the right ones with a wrong part. */
function instead(mutator: Mutator, right: unknown): readonly [value: unknown, isWrong: boolean] {
  const isCompound = typeof right === 'object' && right !== null && !ArrayBuffer.isView(right);
  if (isCompound && mutator.chance(0.7)) {
    const copy = (Array.isArray(right) ? [...(right as unknown[])] : { ...right }) as Record<string, unknown>;
    const key = mutator.pick(Object.keys(copy));
    const [value, isWrong] = instead(mutator, copy[key]);
    copy[key] = value;
    return [copy, isWrong];
  }
  // The right length passes every check but that of the type.
  if (ArrayBuffer.isView(right) && mutator.chance(0.4)) {
    const other = mutator.pick(ARRAYS);
    return [new other((right as Float32Array).length), other.name !== kindOf(right)];
  }
  const [kind, make] = mutator.pick(STRANGE);
  return [make(mutator), kind !== kindOf(right)];
}

/** Call it. @returns how it ended; rejects where it took what is wrong, or threw what is no Error */
export async function perform({ name, callable, args, isWrong, self }: Call): Promise<string> {
  const own = await callable.on();
  try {
    await callable.call(own, args, self ?? own);
  } catch (error) {
    if (error instanceof Error) return 'threw an Error';
    throw new Error(`${name} threw what is no Error`, { cause: error });
  }
  if (isWrong) throw new Error(`${name} took what is wrong`);
  return 'returned';
}
