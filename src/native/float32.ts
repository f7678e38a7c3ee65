import { WhospeaksError } from '../errors.js';

/** A getter that no object can counterfeit: of typed arrays alone, of any realm, it gives their kind. */
const tag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Float32Array.prototype) as object,
  Symbol.toStringTag,
)!;

/**
 * Integer samples would be taken at their face value, thousands of times too loud, so nothing but floats is taken for
 * audio or features. Throws `invalid-option` in the name of the function `where` and its argument `name`.
 */
export function assertFloat32(where: string, name: string, value: unknown): asserts value is Float32Array {
  if (tag.get!.call(value) === 'Float32Array') return;
  const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
  throw new WhospeaksError('invalid-option', `${where}: ${name}: expected a Float32Array, received ${type}`);
}
