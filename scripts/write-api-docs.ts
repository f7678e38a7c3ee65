/**
 * Write what follows from the schemas: docs/openapi.json, docs/asyncapi.json, and the tables of fields in
 * docs/events.md; `--check` says whether they are current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import type { z } from 'zod';
import { asyncApi, openApi } from '../src/server/documents/index.js';
import { COMMAND_SCHEMAS, EVENT_SCHEMAS } from '../src/events/event-schemas.js';

const json = (document: object): Promise<string> =>
  format(JSON.stringify(document), { parser: 'json', printWidth: 110 });

/** A row a type, with its fields; `?` where one may be absent. */
function fieldTable(schemas: Readonly<Record<string, z.ZodObject>>): string {
  const rows = Object.entries(schemas).map(([type, { shape }]) => {
    const fields = Object.entries(shape as Record<string, z.ZodType>)
      .filter(([field]) => field !== 'type')
      .map(([field, schema]) => `\`${field}\`${schema.safeParse(undefined).success ? '?' : ''}`);
    return `| \`${type}\` | ${fields.join(', ')} |`;
  });
  return ['| type | fields |', '|---|---|', ...rows].join('\n');
}

function withBlock(text: string, name: string, block: string): string {
  const marked = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(\n<!-- /${name} -->)`);
  return text.replace(marked, (_, open: string, close: string) => `${open}\n${block}\n${close}`);
}

const documents = {
  'docs/openapi.json': await json(openApi()),
  'docs/asyncapi.json': await json(asyncApi()),
  'docs/events.md': withBlock(
    withBlock(readFileSync('docs/events.md', 'utf8'), 'fields', fieldTable(EVENT_SCHEMAS)),
    'commands',
    fieldTable(COMMAND_SCHEMAS),
  ),
};
for (const [file, text] of Object.entries(documents)) {
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what the schemas say; run npm run docs:api\n`);
    process.exitCode = 1;
  }
}
