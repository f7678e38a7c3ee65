/**
 * Writes for ever, until it is killed: `kills-child.ts KIND FOLDER SEED FIRST`, KIND `store` or one of `WHOLE_FILES`,
 * with numbers from FIRST on. Says on standard output what it begins and what is done.
 */
import { Random } from '../../src/acoustics/random.js';
import { churn } from './kills/store-churn.js';
import { WHOLE_FILES, type WholeFileKind } from './kills/whole-files.js';

const [kind, folder, seed, first] = process.argv.slice(2);

/** A pipe is written at once, so that what was said before the kill is there after it. */
function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

if (kind === 'store') await churn(folder!, new Random(Number(seed)), Number(first), say);
else {
  const { write } = WHOLE_FILES[kind as WholeFileKind](folder!);
  for (let n = Number(first); ; n++) {
    say({ begun: n });
    await write(n);
    say({ done: n });
  }
}
