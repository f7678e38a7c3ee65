/**
 * Writes the simulated conversations that `npm run accuracy -- --recordings` is run on:
 *
 *   tsx measure/diarization/make.ts held-out|readers FOLDER [--shared DIR]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveHeldOut, saveReaders } from './conversations.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shared: { type: 'string', default: '../shared' } },
});
const [kind, folder] = positionals;
if (folder === undefined) throw new Error('usage: make.ts held-out|readers FOLDER');
if (kind === 'held-out') await saveHeldOut(values.shared, folder);
else await saveReaders(join(values.shared, 'audio'), 'report', folder);
