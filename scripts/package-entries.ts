import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What package.json exports: its name (`index` for the main entry) and its declarations as `npm run emit:types` makes them. */
export function entries(): { readonly name: string; readonly declarations: string }[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { default: string }>;
  };
  return Object.entries(exports).flatMap(([path, entry]) =>
    typeof entry === 'string'
      ? []
      : [
          {
            name: path === '.' ? 'index' : path.slice(2),
            declarations: entry.default.replace('./dist/', 'build-types/').replace(/\.js$/, '.d.ts'),
          },
        ],
  );
}
