import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { configSchema } from '../src/server/config.js';
import { ROOT } from './package-entries.js';

const SOURCE = 'src/server/config.ts';

/** What each setting is: the comment above it in the schema. A setting without a comment fails. */
function meanings(): Map<string, string> {
  const text = readFileSync(join(ROOT, SOURCE), 'utf8');
  const source = ts.createSourceFile(SOURCE, text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() in configSchema.shape) {
      const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
      const meaning = ts.getTextOfJSDocComment(comment?.comment)?.replace(/\s+/g, ' ');
      if (meaning !== undefined) found.set(node.name.getText(), meaning);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Markdown: every setting of the service with its default. */
export function serviceSettings(): string {
  const meaningOf = meanings();
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(properties).map(([name, property]) => {
    const meaning = meaningOf.get(name);
    if (meaning === undefined) throw new Error(`${SOURCE}: ${name} needs a comment that says what it is`);
    const value: unknown = typeof property === 'object' ? property.default : undefined;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const shown = isPlain ? String(value) : '';
    return `| \`${name}\` | ${shown} | ${meaning.replaceAll('|', '\\|')} |\n`;
  });
  return `# Settings of the service

Written by \`npm run docs:settings\` from \`${SOURCE}\`. [The service](../server.md#settings) says how to set them.

| setting | default | meaning |
|---|---|---|
${rows.join('')}`;
}
