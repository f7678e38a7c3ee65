import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Profile } from '../../speakers/profile.js';
import { profileFromJson, profileToJson } from '../../speakers/profile-file.js';
import { nameKey } from '../../speakers/speaker-name.js';
import { AUDIT_ACTIONS } from '../../speakers/store/speaker-store.js';

const VERSION = 1;

const idSchema = z.string().regex(/^[0-9a-f]{16}$/);

const changeSchema = z.looseObject({
  changeId: z.string().max(64),
  at: z.string().max(40),
  action: z.enum(AUDIT_ACTIONS),
  id: idSchema.optional(),
  by: z.string().max(1000).optional(),
});

const slotSchema = z.object({
  version: z.literal(VERSION, { error: `expected version ${VERSION}` }),
  speaker: z.object({ id: idSchema, profile: z.unknown() }).optional(),
  removed: z.array(
    z.object({ id: idSchema, profile: z.unknown(), removedMs: z.number(), untilMs: z.number() }),
  ),
  supersedes: z.object({ key: z.string().max(200), revision: z.int().min(1) }).optional(),
  change: changeSchema,
});

/** A line of the audit trail as it is in the stream. */
export type Change = z.output<typeof changeSchema>;

export interface Removed {
  readonly id: string;
  readonly profile: Profile;
  readonly removedMs: number;
  readonly untilMs: number;
}

/**
 * All that is kept under one name: the speaker, and those of this name that were removed. It is one value of the bucket, so
 * that a change of it happens or does not, and one of two that change it at once is refused.
 */
export interface Slot {
  /** With its `id`. */
  readonly speaker?: Profile | undefined;
  /** The last removed first. */
  readonly removed: readonly Removed[];
  /**
   * Where the speaker was before it was renamed: a rename writes the new slot, then empties the old one. Between the two,
   * the old one counts no more as long as it is of this revision.
   */
  readonly supersedes?: { readonly key: string; readonly revision: number } | undefined;
  /** The last change, for an audit trail that is whole where a server was killed before it wrote its line. */
  readonly change: Change;
}

/** The key of a name: it tells nobody the name, but who guesses one can check it. */
export function slotKey(group: string, name: string): string {
  const digest = createHash('sha256')
    .update(`${group}/${nameKey(name)}`)
    .digest('hex');
  return `${group}.${digest.slice(0, 32)}`;
}

export function slotToJson({ speaker, removed, supersedes, change }: Slot): unknown {
  return {
    version: VERSION,
    ...(speaker === undefined ? {} : { speaker: { id: speaker.id, profile: profileToJson(speaker) } }),
    removed: removed.map((each) => ({ ...each, profile: profileToJson(each.profile) })),
    ...(supersedes === undefined ? {} : { supersedes }),
    change,
  };
}

/** Throws what is wrong with it. */
export function slotFromJson(json: unknown): Slot {
  const parsed = slotSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`${issue.path.join('.') || 'slot'}: ${issue.message}`);
  }
  const { speaker, removed, supersedes, change } = parsed.data;
  return {
    ...(speaker === undefined ? {} : { speaker: { ...profileFromJson(speaker.profile), id: speaker.id } }),
    removed: removed.map((each) => ({ ...each, profile: { ...profileFromJson(each.profile), id: each.id } })),
    supersedes,
    change,
  };
}
