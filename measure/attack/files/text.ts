import { NASTY, type Mutator } from '../../../test/mutator.js';

/** JSON text with one to three faults in its values, or in the text. */
export function jsonMutant(mutator: Mutator, text: string): string {
  if (mutator.chance(0.3)) return mutator.text(text);
  const root = { value: JSON.parse(text) as unknown };
  for (let i = 1 + mutator.int(3); i > 0; i--) spoil(mutator, root);
  // Nothing is left where the whole was taken away.
  return root.value === undefined ? '' : JSON.stringify(root.value);
}

/** Walks down at random and puts something else in the place where it stops. */
function spoil(mutator: Mutator, root: object): void {
  let parent = root as Record<string, unknown>;
  let key = 'value';
  for (;;) {
    const child = parent[key];
    const keys = typeof child === 'object' && child !== null ? Object.keys(child) : [];
    if (keys.length === 0 || mutator.chance(0.2)) break;
    parent = child as Record<string, unknown>;
    key = mutator.pick(keys);
  }
  const was = parent[key];
  switch (mutator.int(6)) {
    case 0:
      Reflect.deleteProperty(parent, key);
      break;
    case 1:
      parent[key] = [was, was];
      break;
    case 2:
      parent[key] =
        typeof was === 'number' ? mutator.pick([-was, was * 1e300, was + 0.5]) : JSON.stringify(was);
      break;
    case 3:
      if (typeof was === 'string') parent[key] = mutator.text(was);
      else parent[mutator.pick(['__proto__', 'constructor', 'extra'])] = was;
      break;
    default:
      parent[key] = mutator.pick(NASTY);
  }
}

const WORDS = [
  'NaN',
  '-1',
  '1e999',
  'Infinity',
  '0x10',
  '',
  '<NA>',
  '\u0000',
  '9'.repeat(400),
  '\ud800',
  '%s',
];

/** Lines of fields with one to three faults: a field, a line more or less, or the text. */
export function linesMutant(mutator: Mutator, text: string): string {
  if (mutator.chance(0.3)) return mutator.text(text);
  const lines = text.split('\n');
  for (let i = 1 + mutator.int(3); i > 0; i--) {
    const at = mutator.int(lines.length);
    if (mutator.chance(0.2)) lines.splice(at, mutator.int(2), mutator.pick(lines));
    else lines[at] = withFault(mutator, lines[at] ?? '');
  }
  return lines.join('\n');
}

function withFault(mutator: Mutator, line: string): string {
  const fields = line.split(' ');
  const at = mutator.int(fields.length);
  if (mutator.chance(0.2)) fields.splice(at, 1);
  else fields[at] = mutator.pick(WORDS);
  return fields.join(' ');
}
