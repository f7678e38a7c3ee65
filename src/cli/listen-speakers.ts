import type { SpeakerModel } from '../native/index.js';
import { enrollWithReport, type Profile, type SpeakerStore } from '../speakers/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { fromFile } from '../stream/index.js';
import { adaptSpeaker, isSameProfile } from '../speakers/store/speaker-changes.js';
import type { Learnt } from '../tracker/index.js';
import type { EnrollRequest } from './enroll-argument.js';
import { isUsable } from './model-in-use.js';
import { BY_COMMAND_LINE as by } from './open-store.js';

/** The options that say who may be named. */
export interface SpeakerOptions {
  readonly enroll?: readonly EnrollRequest[];
  readonly speakers?: readonly string[] | true;
}

/** Who may be named: enrolled on the command line, and saved. Warnings are printed. */
export async function speakersOf(
  model: SpeakerModel,
  options: SpeakerOptions,
  store: SpeakerStore,
): Promise<Profile[]> {
  const saved = await savedSpeakers(model, options, store);
  return [...(await enrollAll(model, options, saved, store)), ...saved];
}

/** The speakers enrolled on the command line, with what `speakers add` would say of each. */
async function enrollAll(
  model: SpeakerModel,
  { enroll = [] }: SpeakerOptions,
  saved: readonly Profile[],
  store: SpeakerStore,
): Promise<Profile[]> {
  if (enroll.length === 0) return [];
  // Who is saved is compared with, whether it may be named or not; a store that cannot be read holds up nobody here.
  const known =
    saved.length > 0
      ? saved
      : await store.list().then(
          ({ profiles }) => profiles,
          () => [],
        );
  const enrolled: Profile[] = [];
  for (const { name, files } of enroll) {
    const { profile, report } = await enrollWithReport(model, {
      name,
      sources: files.map((file) => fromFile(file)),
      others: [...known, ...enrolled],
    });
    for (const advice of report.advice) warn(`${profile.name}: ${advice}`);
    enrolled.push(profile);
  }
  return enrolled;
}

/** Saved speakers where asked for, or where nobody is enrolled. */
async function savedSpeakers(
  model: SpeakerModel,
  { enroll = [], speakers }: SpeakerOptions,
  store: SpeakerStore,
): Promise<Profile[]> {
  if (enroll.length > 0 && speakers === undefined) return [];
  const { profiles, damaged, warnings } = await store.list();
  for (const { code, message } of warnings) warn(`${message} [${code}]`);
  for (const { name, reason } of damaged) warn(`saved speaker ${name} is left out: ${reason}`);
  const wanted =
    speakers === undefined || speakers === true
      ? profiles
      : await Promise.all(speakers.map((name) => store.get(name)));
  const others = wanted.filter(({ name }) => !enroll.some((other) => nameKey(other.name) === nameKey(name)));
  const unusable = others.filter((profile) => !isUsable(model, profile)).map(({ name }) => name);
  if (unusable.length > 0) {
    warn(
      `left out, for another model than ${model.name} enrolled them: ${unusable.join(', ')}; ` +
        '`whospeaks speakers upgrade` says what to do [model-mismatch]',
    );
  }
  return others.filter((profile) => isUsable(model, profile));
}

/**
 * Follow what others save, remove and rename while a live stream is heard, where all saved speakers may be named. Returns how to end
 * it.
 * @param others who is enrolled for this stream alone
 */
export function followSaved(
  model: SpeakerModel,
  store: SpeakerStore,
  others: readonly Profile[],
  onChange: (speakers: readonly Profile[]) => void,
): () => void {
  let last: readonly Profile[] | undefined;
  const read = async (): Promise<void> => {
    const { profiles } = await store.list();
    const saved = profiles.filter(
      (profile) =>
        isUsable(model, profile) && !others.some(({ name }) => nameKey(name) === nameKey(profile.name)),
    );
    const isSame = last?.length === saved.length && saved.every((each, i) => isSameProfile(each, last![i]!));
    if (last !== undefined && !isSame) onChange([...others, ...saved]);
    last = saved;
  };
  // A store that cannot be read for a moment is read at the next change.
  const quietly = (): void => void read().catch(() => undefined);
  quietly();
  return store.watch(quietly);
}

/** What was learnt of saved speakers, into the store; of those enrolled on the command line nothing is kept. */
export async function keepLearnt(
  learnt: readonly Learnt[],
  options: SpeakerOptions,
  store: SpeakerStore,
): Promise<void> {
  if (learnt.length === 0) return;
  const saved = new Set((await store.list()).profiles.map(({ name }) => name));
  const enrolled = new Set(options.enroll?.map(({ name }) => name));
  for (const { speaker, adaptation } of learnt) {
    if (saved.has(speaker) && !enrolled.has(speaker)) await adaptSpeaker(store, speaker, adaptation, { by });
  }
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
