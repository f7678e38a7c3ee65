/**
 * Write docs/reference/report/*.api.md, what each entry of the package exports, from declarations built anew in
 * build-types/ (an incremental build may list the members of a union in another order); `--check` says whether they
 * are current. A change of the public API shows in the change of these files.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT, entries } from './package-entries.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-api-'));
/** Of types that a schema describes: the schema stays inside. */
const INSIDE = /"(?:\w*[sS]chemas?(?:_\d+)?|Told|SECONDS_OF|[A-Z]+_ENCODINGS|ERROR_CODES)"/;

function report(name: string, declarations: string): string {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: join(ROOT, declarations),
      compiler: { tsconfigFilePath: join(ROOT, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: name, reportFolder: scratch, reportTempFolder: scratch },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          // A type that a public one reaches and that nobody can name.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
      },
    },
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return readFileSync(join(scratch, `${name}.api.md`), 'utf8');
}

for (const { name, types } of entries()) {
  const file = join(ROOT, 'docs/reference/report', `${name}.api.md`);
  const text = report(name, types.replace('./dist/', 'build-types/'));
  for (const [, symbol] of text.matchAll(/ae-forgotten-export\) The symbol ("\w+")/g)) {
    // The service hands out its parts, for those who mount it and look at them; they have no names of their own.
    if (INSIDE.test(symbol!) || name === 'server') continue;
    process.stderr.write(`${types} does not export ${symbol}, which something public reaches\n`);
    process.exitCode = 1;
  }
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(
      `docs/reference/report/${name}.api.md is not what ${types} exports; run npm run build:ts && npm run docs:report\n`,
    );
    process.exitCode = 1;
  }
}
