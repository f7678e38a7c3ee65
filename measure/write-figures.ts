import { readFileSync, writeFileSync } from 'node:fs';

/** Put figures between their markers in a page: `<!-- NAME -->` and `<!-- end of NAME -->`. */
export function writeFigures(page: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = readFileSync(page, 'utf8').split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page} has no place for ${name}`);
  writeFileSync(page, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
