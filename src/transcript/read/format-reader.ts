import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import type { Phrase } from './phrase.js';

/** Reads one kind of JSON. A file may hold several documents one after the other, as streaming recognisers write them. */
export interface FormatReader {
  /** What the format is called in `WordTranscript.format`. */
  readonly name: string;
  /** Whether a document is of this format, by its structure. */
  readonly matches: (document: unknown) => boolean;
  /** @throws {WhospeaksError} `transcript-format` where the document has this structure, and a member of the wrong type */
  readonly phrases: (document: unknown) => Phrase[];
}

export interface FormatParts<Schema extends z.ZodType> {
  readonly name: string;
  readonly matches: (document: unknown) => boolean;
  /** What the reader needs of a document; more may be there. */
  readonly schema: Schema;
  readonly phrases: (document: z.output<Schema>) => Phrase[];
}

/** A reader whose documents are checked before they are read. */
export function formatReader<Schema extends z.ZodType>(parts: FormatParts<Schema>): FormatReader {
  const { name, matches, schema, phrases } = parts;
  return {
    name,
    matches,
    phrases: (document) => {
      const result = schema.safeParse(document);
      if (result.success) return phrases(result.data);
      const { path, message } = deepest(result.error.issues);
      throw new WhospeaksError(
        'transcript-format',
        `this looks like a transcript of ${name}, but ${path.join('.')}: ${message.replace(/^Invalid input: /, '')}`,
      );
    },
  };
}

type Issue = z.core.$ZodIssue;

/** Of a union the branch that a document gets furthest in is what it was meant to be; the first issue of that. */
function deepest(issues: readonly Issue[], at: Issue['path'] = []): Pick<Issue, 'path' | 'message'> {
  const [first] = issues;
  const path = [...at, ...first!.path];
  if (first!.code !== 'invalid_union' || first!.errors.length === 0) return { path, message: first!.message };
  return first!.errors
    .map((branch) => deepest(branch, path))
    .reduce((best, other) => (other.path.length > best.path.length ? other : best));
}

/** Whether a list lies there: `hasList(document, 'results', 'channels')`. */
export function hasList(value: unknown, ...path: readonly string[]): boolean {
  return Array.isArray(memberAt(value, path));
}

export function memberAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** What a document may leave out, or tell as null. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A speaker, told as a text or as a number. */
export const speakerSchema = maybe(z.union([z.string(), z.number()]).transform(String));
