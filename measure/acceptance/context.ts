export interface AcceptContext {
  readonly audio: string;
  readonly independent: string | undefined;
  readonly hours: number;
  /** A folder for files in passing. */
  readonly scratch: string;
}

/** A part prints its figures and returns what is wrong, if anything is. */
export type AcceptPart = (context: AcceptContext) => Promise<string | undefined>;

/** `count` of them, evenly spread: folders are often sorted by age or accent. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  return Array.from(
    { length: Math.min(count, items.length) },
    (_, i) => items[Math.floor((i * items.length) / count)]!,
  );
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
