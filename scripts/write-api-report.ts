/**
 * Write docs/reference/report/*.api.md, what each entry of the package exports, from declarations built anew in
 * build-types/ (an incremental build may list the members of a union in another order); `--check` says whether they
 * are current. A change of the public API shows in the change of these files.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractApi } from './extract-api.js';
import { ROOT, entries } from './package-entries.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-api-'));
/** Of types that a schema describes: the schema stays inside. */
const INSIDE =
  /"(?:\w*[sS]chemas?(?:_\d+)?|Told|Commands|SECONDS_OF|FORMATS|KINDS|[A-Z]+_ENCODINGS|AUDIT_ACTIONS|ERROR_CODES)"/;

function report(name: string, declarations: string): string {
  extractApi(declarations, {
    apiReport: { enabled: true, reportFileName: name, reportFolder: scratch, reportTempFolder: scratch },
  });
  return readFileSync(join(scratch, `${name}.api.md`), 'utf8');
}

for (const { name, declarations } of entries()) {
  const file = join(ROOT, 'docs/reference/report', `${name}.api.md`);
  const text = report(name, declarations);
  for (const [, symbol] of text.matchAll(/ae-forgotten-export\) The symbol ("\w+")/g)) {
    if (INSIDE.test(symbol!)) continue;
    process.stderr.write(`${declarations} does not export ${symbol}, which something public reaches\n`);
    process.exitCode = 1;
  }
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(
      `docs/reference/report/${name}.api.md is not what ${declarations} exports; run npm run docs:report\n`,
    );
    process.exitCode = 1;
  }
}
