/**
 * Write docs/reference/settings.md, the fixed settings of the tracker and the scoring: every number that is a constant of
 * a module there, with the comment above it; and docs/reference/service-settings.md, those of the service. `--check` says
 * whether they are current. A number without a comment fails.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { SAMPLE_RATE_HZ, SHIFT_MS, SHIFT_SAMPLES } from '../src/stream/geometry.js';
import { ROOT } from './package-entries.js';
import { serviceSettings } from './service-settings.js';

const FOLDERS = ['src/tracker', 'src/scoring'];
const CHOSEN = / ?Chosen with (`[^`]+`)\./;

interface Setting {
  readonly name: string;
  readonly value: number;
  readonly meaning: string;
}

/** A literal, or a product of one with the geometry; null for whatever is no number. */
function numberOf(node: ts.Expression): number | null {
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = numberOf(node.operand);
    return value === null ? null : -value;
  }
  if (ts.isIdentifier(node)) {
    return { SAMPLE_RATE_HZ, SHIFT_SAMPLES }[node.text] ?? null;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskToken) {
    const [left, right] = [numberOf(node.left), numberOf(node.right)];
    return left === null || right === null ? null : left * right;
  }
  return null;
}

/** A number of a literal, or of a constant; the comment above it says what it is. */
function settingOf(path: string, name: string, node: ts.Node, initializer: ts.Expression): Setting[] {
  const value = numberOf(initializer);
  if (value === null) return [];
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  const meaning = ts.getTextOfJSDocComment(comment?.comment)?.replace(/\s+/g, ' ');
  if (meaning === undefined) throw new Error(`${path}: ${name} needs a comment that says what it is`);
  return [{ name, value, meaning }];
}

function settingsOf(path: string): Setting[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(ROOT, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  return source.statements.filter(ts.isVariableStatement).flatMap((statement) => {
    const [declaration] = statement.declarationList.declarations;
    const { initializer } = declaration!;
    const name = declaration!.name.getText();
    if (initializer === undefined || !/^[A-Z_]+$/.test(name)) return [];
    // Of literals those that say with `as const` that they are settings.
    if (ts.isAsExpression(initializer) && ts.isObjectLiteralExpression(initializer.expression)) {
      return initializer.expression.properties
        .filter(ts.isPropertyAssignment)
        .flatMap((property) =>
          settingOf(path, `${name}.${property.name.getText()}`, property, property.initializer),
        );
    }
    return settingOf(path, name, statement, initializer);
  });
}

/** The value with the unit that its name states. */
function measured({ name, value }: Setting): string {
  if (name.endsWith('Seconds')) return time(1000 * value);
  if (name.endsWith('_SAMPLES')) return time((1000 * value) / SAMPLE_RATE_HZ);
  if (name.endsWith('_FRAMES')) return time(value * SHIFT_MS);
  if (/(^|_)SECONDS(_|$)/.test(name)) return time(1000 * value);
  const count = /_(TURNS|WINDOWS|ROUNDS|TRIALS|STREAMS|HYPOTHESES)$/.exec(name)?.[1];
  return count === undefined ? String(value) : `${value} ${count.toLowerCase()}`;
}

function time(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${ms / 1000} s`;
}

function rowsOf(path: string): string[] {
  return settingsOf(path).map((setting) => {
    const chosen = CHOSEN.exec(setting.meaning)?.[1] ?? '';
    const meaning = setting.meaning.replace(CHOSEN, '').replaceAll('|', '\\|');
    return `| [\`${path.replace(/^src\//, '')}\`](../../${path}) | \`${setting.name}\` | ${measured(setting)} | ${meaning} | ${chosen} |\n`;
  });
}

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => `${folder}/${file}`),
);
const text = `# Fixed settings of the tracker and the scoring

Written by \`npm run docs:settings\` from the constants in the code. [How decisions are made](../tracker.md) says how
they work together; the settings that you can change are the options of \`identify()\`. Probabilities, shares and
cosines have no unit. A score is standardised: impostors have mean 0 and deviation 1.
The last column names the command that chose a value, where one did; [accuracy](../accuracy.md) says on which
conversations the others were chosen.

| file | setting | value | meaning | chosen with |
|---|---|---|---|---|
${files.flatMap(rowsOf).join('')}`;

const written = {
  'docs/reference/settings.md': text,
  'docs/reference/service-settings.md': serviceSettings(),
};
for (const [file, content] of Object.entries(written)) {
  const path = join(ROOT, file);
  if (!process.argv.includes('--check')) writeFileSync(path, content);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
    process.stderr.write(`${file} is not what the code says; run npm run docs:settings\n`);
    process.exitCode = 1;
  }
}
