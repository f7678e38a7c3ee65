import { isWhospeaksError } from '../../../src/errors.js';
import type { KillLane } from '../kills.js';
import { killWriter } from './kill-writer.js';
import { WHOLE_FILES, type WholeFileKind } from './whole-files.js';

const MOST_DELAY_MS = 50;

type Said = { readonly begun: number } | { readonly done: number };

/** The file holds the last number that was written whole, or the one that was being written. */
export function killFileWriters(kind: WholeFileKind): KillLane {
  return async (folder, kills, random) => {
    const wrong: string[] = [];
    let cut = 0;
    let first = 1;
    for (let i = 0; i < kills; i++) {
      const said = await killWriter<Said>(
        [kind, folder, '0', String(first)],
        random.between(0, MOST_DELAY_MS),
      );
      const done = said.flatMap((each) => ('done' in each ? [each.done] : [])).at(-1)!;
      const begun = said.flatMap((each) => ('begun' in each ? [each.begun] : [])).at(-1)!;
      if (begun > done) cut += 1;
      try {
        const found = await WHOLE_FILES[kind](folder).read();
        if (found !== done && found !== begun) wrong.push('another content than was written');
      } catch (error) {
        process.stderr.write(`${kind}, ${done} to ${begun}: ${String(error)}\n`);
        wrong.push(isWhospeaksError(error) ? `cannot be read (${error.code})` : 'cannot be read');
      }
      first = begun + 1;
    }
    return { wrong, cut };
  };
}
