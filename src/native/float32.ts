import { types } from 'node:util';
import { WhospeaksError } from '../errors.js';

/**
 * Integer samples would be taken at their face value, thousands of times too loud, so nothing but floats is taken for
 * audio or features. Throws `invalid-option` in the name of the function `where` and its argument `name`.
 */
export function assertFloat32(where: string, name: string, value: unknown): asserts value is Float32Array {
  if (types.isFloat32Array(value)) return;
  const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
  throw new WhospeaksError('invalid-option', `${where}: ${name}: expected a Float32Array, received ${type}`);
}
