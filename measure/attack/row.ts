/** One line of the table: what was tried, what came of it, and whether that is what is promised. */
export interface Row {
  readonly what: string;
  readonly tried: number;
  readonly result: string;
  readonly holds: boolean;
}

/** How often each occurs, the most frequent first: "3 x b, 1 x a". */
export function tally(values: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([value, count]) => `${count.toLocaleString('en')} x ${value}`)
    .join(', ');
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, tried, result, holds }) =>
      `| ${what} | ${tried.toLocaleString('en')} | ${result} | ${holds ? 'yes' : '**no**'} |`,
  );
  return ['| what | tried | result | holds |', '|---|---|---|---|', ...lines].join('\n');
}

/** What was tried, in a line where all of it holds; else the table. */
export function summary(rows: readonly Row[]): string {
  if (rows.some(({ holds }) => !holds)) return table(rows);
  const tried = rows.map(({ what, tried }) => `${what} (${tried.toLocaleString('en')})`);
  return `Holds: ${tried.join(', ')}.`;
}

/** Put a block between the markers of this name. Throws where the text has none. */
export function between(text: string, name: string, block: string): string {
  const marked = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(text)) throw new Error(`no markers "<!-- ${name} -->" to write between`);
  return text.replace(marked, (_, open: string, close: string) => `${open}\n${block}\n\n${close}`);
}
