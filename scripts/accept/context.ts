import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface AcceptContext {
  readonly audio: string;
  readonly independent: string | undefined;
  readonly hours: number;
  /** A folder for files in passing. */
  readonly scratch: string;
}

/** A part prints its figures and returns what is wrong, if anything is. */
export type AcceptPart = (context: AcceptContext) => Promise<string | undefined>;

export interface Speaker {
  readonly name: string;
  readonly files: readonly string[];
}

/** The speakers of one corpus folder, in order of name, each with recordings in order of name. */
export function speakersIn(folder: string): Speaker[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      files: readdirSync(join(folder, name))
        .filter((file) => /\.(flac|wav|mp3|opus|ogg|m4a)$/.test(file))
        .sort()
        .map((file) => join(folder, name, file)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `count` of them, evenly spread: folders are often sorted by age or accent. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  return Array.from(
    { length: Math.min(count, items.length) },
    (_, i) => items[Math.floor((i * items.length) / count)]!,
  );
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
