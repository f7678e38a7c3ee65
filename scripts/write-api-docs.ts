/**
 * Write what follows from the schemas: docs/openapi.json, docs/asyncapi.json, and the table of fields in
 * docs/events.md; `--check` says whether they are current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import type { z } from 'zod';
import { asyncApi, openApi } from '../src/server/documents/index.js';
import { EVENT_SCHEMAS } from '../src/tracker/event-schemas.js';

const json = (document: object): Promise<string> =>
  format(JSON.stringify(document), { parser: 'json', printWidth: 110 });

/** A row a type of event, a column a field name, `?` where it may be absent. */
function fieldTable(): string {
  const rows = Object.entries(EVENT_SCHEMAS).map(([type, { shape }]) => {
    const fields = Object.entries(shape as Record<string, z.ZodType>)
      .filter(([field]) => field !== 'type')
      .map(([field, schema]) => `\`${field}\`${schema.safeParse(undefined).success ? '?' : ''}`);
    return `| \`${type}\` | ${fields.join(', ')} |`;
  });
  return ['| type | fields |', '|---|---|', ...rows].join('\n');
}

function withBlock(file: string, name: string, block: string): string {
  const marked = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(\n<!-- /${name} -->)`);
  return readFileSync(file, 'utf8').replace(
    marked,
    (_, open: string, close: string) => `${open}\n${block}\n${close}`,
  );
}

const documents = {
  'docs/openapi.json': await json(openApi()),
  'docs/asyncapi.json': await json(asyncApi()),
  'docs/events.md': withBlock('docs/events.md', 'fields', fieldTable()),
};
for (const [file, text] of Object.entries(documents)) {
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what the schemas say; run npm run docs:api\n`);
    process.exitCode = 1;
  }
}
