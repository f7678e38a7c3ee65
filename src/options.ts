import type { z } from 'zod';
import { WhospeaksError } from './errors.js';

/**
 * Validate the options of a public function against a strict zod schema, defaults filled in. The first
 * fault becomes one `invalid-option` error that names the function, the option, what was expected and
 * what came; an unknown or misspelt option is a fault.
 */
export function parseOptions<Schema extends z.ZodType>(
  where: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const result = schema.safeParse(options ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    throw new WhospeaksError(
      'invalid-option',
      `${where}: unknown option ${issue.keys.map((k) => `"${k}"`).join(', ')}`,
    );
  }
  const received = describe(issue.path.reduce<unknown>(member, options));
  // Zod tells the type that came; the value says more.
  const expected = issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
  throw new WhospeaksError(
    'invalid-option',
    `${where}:${name === '' ? '' : ` option "${name}":`} ${expected}, received ${received}`,
  );
}

function member(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
