import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What a section was measured with. */
export interface Stamp {
  /** Abbreviated, and whether there were changes. */
  readonly commit: string;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly machine: string;
  /** Fingerprint of all weights that are measured. */
  readonly weights: string;
  readonly isQuick: boolean;
}

export interface Section {
  readonly stamp: Stamp;
  /** Load average when it began. */
  readonly load: number;
  /** Markdown. */
  readonly output: string;
  /** For the goals and the chart. */
  readonly results: Readonly<Record<string, number>>;
}

/** Measured sections by title, in the order of the document. */
export type Sections = ReadonlyMap<string, Section>;

export function readSections(file: string): Sections {
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Section>));
}

export function writeSections(file: string, sections: Sections): void {
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sections), null, 2)}\n`);
}

/** What was measured now, and what is kept of the other titles; what has no title any more is dropped. */
export function mergeSections(kept: Sections, measured: Sections, titles: readonly string[]): Sections {
  const merged = new Map<string, Section>();
  for (const title of titles) {
    const section = measured.get(title) ?? kept.get(title);
    if (section !== undefined) merged.set(title, section);
  }
  return merged;
}

/** Why no document can be made of these sections; undefined where one can. */
export function whyNoDocument(sections: Sections, required: readonly string[]): string | undefined {
  const missing = required.filter((title) => !sections.has(title));
  if (missing.length > 0) return `not measured yet: ${missing.join('; ')}`;
  for (const [what, of] of [
    ['weights', ({ weights }: Stamp) => weights],
    ['length', ({ isQuick }: Stamp) => (isQuick ? 'a quick run' : 'a whole run')],
  ] as const) {
    const groups = grouped(sections, of);
    if (groups.size <= 1) continue;
    const told = [...groups].map(([value, titles]) => `${value}: ${titles.join('; ')}`);
    return `sections are of different ${what} (${told.join(' / ')}); measure some again with --only TITLE`;
  }
  return undefined;
}

/** Titles by what `of` gives of their stamps. */
export function grouped(sections: Sections, of: (stamp: Stamp) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [title, { stamp }] of sections) groups.set(of(stamp), [...(groups.get(of(stamp)) ?? []), title]);
  return groups;
}
