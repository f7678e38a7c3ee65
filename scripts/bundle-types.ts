/**
 * Write dist/types/, the declarations that the package holds, from those in build-types/: one file an entry. `index` and
 * `stages` have classes in common, whose private members TypeScript compares by where they are declared, so both name
 * what one file, `sdk.d.ts`, declares. No function of another entry takes an instance of a class that it shares.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { extractApi } from './extract-api.js';
import { ROOT, entries } from './package-entries.js';

const into = join(ROOT, 'dist/types');
const SHARED = ['index', 'stages'];

function bundle(name: string, declarations: string): void {
  extractApi(declarations, { dtsRollup: { enabled: true, untrimmedFilePath: join(into, `${name}.d.ts`) } });
}

function namesOf(file: string): string[] {
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, noLib: true });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
  if (module === undefined) throw new Error(`${file} exports nothing`);
  return checker.getExportsOfModule(module).map((symbol) => symbol.name);
}

rmSync(into, { recursive: true, force: true });
mkdirSync(into);
const shared = entries().filter(({ name }) => SHARED.includes(name));
const sdk = 'build-types/sdk.d.ts';
writeFileSync(
  join(ROOT, sdk),
  shared
    .map(
      ({ declarations }) =>
        `export * from './${declarations.replace('build-types/', '').replace('.d.ts', '.js')}';\n`,
    )
    .join(''),
);
bundle('sdk', sdk);
for (const { name, declarations } of shared) {
  const names = namesOf(join(ROOT, declarations)).sort();
  writeFileSync(join(into, `${name}.d.ts`), `export {\n  ${names.join(',\n  ')},\n} from './sdk.js';\n`);
}
for (const { name, declarations } of entries()) if (!SHARED.includes(name)) bundle(name, declarations);
