import type { Row } from './row.js';

/** What a section is to do. The same seed and scale: the same attack. */
export interface Task {
  readonly seed: number;
  /** Share of the full count. */
  readonly scale: number;
}

/** One kind of attack; runs in a process of its own, so that it may end as it likes. */
export interface Section {
  readonly title: string;
  /** What must hold, a sentence. */
  readonly promise: string;
  /** Its rows are figures to compare: the document has all of them, also where all hold. */
  readonly isCompared?: true;
  /** Killed after this long, at full scale. */
  readonly mostSeconds: number;
  /** Tells each row when it has it, for the section may not live to the end. */
  run(task: Task): AsyncIterable<Row>;
}

/** Loaded by the process that runs it alone. */
export const SECTIONS = {
  detectors: async () => (await import('./detectors.js')).detectors,
  protocol: async () => (await import('./protocol.js')).protocol,
  recordings: async () => (await import('./files.js')).recordings,
  files: async () => (await import('./files.js')).files,
  kills: async () => (await import('./kills.js')).kills,
  service: async () => (await import('./service.js')).service,
  native: async () => (await import('./native.js')).native,
} satisfies Record<string, () => Promise<Section>>;

export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];

/** The share of a count, at least one. */
export function share(count: number, { scale }: Task): number {
  return Math.max(1, Math.round(count * scale));
}
