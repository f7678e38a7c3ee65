/**
 * Write docs/reference/*.md, the reference of every entry, from the docstrings; `--check` says whether it is current.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application } from 'typedoc';
import { ROOT } from './package-entries.js';

const folder = join(ROOT, 'docs/reference');
const check = process.argv.includes('--check');
const out = check ? mkdtempSync(join(tmpdir(), 'whospeaks-reference-')) : folder;

const app = await Application.bootstrapWithPlugins({
  options: join(ROOT, 'typedoc.json'),
  logLevel: 'Error',
});
const project = await app.convert();
if (project === undefined) throw new Error('typedoc could not read the entries');
app.options.setValue('out', out);
await app.generateOutputs(project);

for (const file of check ? readdirSync(out) : []) {
  if (readFileSync(join(out, file), 'utf8') === readFileSync(join(folder, file), 'utf8')) continue;
  process.stderr.write(`docs/reference/${file} is not what the docstrings say; run npm run docs:reference\n`);
  process.exitCode = 1;
}
