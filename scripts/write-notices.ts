/**
 * Writes THIRD-PARTY-NOTICES.txt from package-lock.json and node_modules: `npm run docs:notices`. Fails where a licence
 * is not allowed. With --check it only says whether the file is what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noticesText } from './notices/write.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'THIRD-PARTY-NOTICES.txt');

try {
  const text = noticesText(root);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    throw new Error('THIRD-PARTY-NOTICES.txt is not what the packages say; run: npm run docs:notices');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
