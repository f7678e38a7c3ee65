/** Write docs/openapi.json and docs/asyncapi.json from the server's schemas; `--check` says whether they are current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { asyncApi, openApi } from '../src/server/documents.js';

const documents = { 'docs/openapi.json': openApi(), 'docs/asyncapi.json': asyncApi() };
for (const [file, document] of Object.entries(documents)) {
  const text = await format(JSON.stringify(document), { parser: 'json', printWidth: 110 });
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what src/server says; run npm run docs:api\n`);
    process.exitCode = 1;
  }
}
