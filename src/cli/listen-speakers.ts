import type { SpeakerModel } from '../native/index.js';
import { enrollWithReport, ProfileStore, type Profile } from '../speakers/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { fromFile } from '../stream/index.js';
import type { Learnt } from '../tracker/index.js';
import type { EnrollRequest } from './enroll-argument.js';

/** The options that say who may be named. */
export interface SpeakerOptions {
  readonly enroll?: readonly EnrollRequest[];
  readonly speakers?: readonly string[] | true;
  readonly store?: string;
}

export function storeOf({ store }: SpeakerOptions): ProfileStore {
  return new ProfileStore(store === undefined ? {} : { folder: store });
}

/** Who may be named: enrolled on the command line, and saved. Warnings are printed. */
export async function speakersOf(model: SpeakerModel, options: SpeakerOptions): Promise<Profile[]> {
  const saved = await savedSpeakers(options);
  return [...(await enrollAll(model, options, saved)), ...saved];
}

/** The speakers enrolled on the command line, with what `speakers add` would say of each. */
async function enrollAll(
  model: SpeakerModel,
  { enroll = [] }: SpeakerOptions,
  saved: readonly Profile[],
): Promise<Profile[]> {
  const enrolled: Profile[] = [];
  for (const { name, files } of enroll) {
    const { profile, report } = await enrollWithReport(model, {
      name,
      sources: files.map((file) => fromFile(file)),
      others: [...saved, ...enrolled],
    });
    for (const advice of report.advice) warn(`${profile.name}: ${advice}`);
    enrolled.push(profile);
  }
  return enrolled;
}

/** Saved speakers where asked for, or where nobody is enrolled. */
async function savedSpeakers(options: SpeakerOptions): Promise<Profile[]> {
  const { enroll = [], speakers } = options;
  if (enroll.length > 0 && speakers === undefined) return [];
  const store = storeOf(options);
  const { profiles, damaged, warnings } = await store.list();
  for (const { code, message } of warnings) warn(`${message} [${code}]`);
  for (const { name, reason } of damaged) warn(`saved speaker ${name} is left out: ${reason}`);
  const wanted =
    speakers === undefined || speakers === true
      ? profiles
      : await Promise.all(speakers.map((name) => store.get(name)));
  return wanted.filter(({ name }) => !enroll.some((other) => nameKey(other.name) === nameKey(name)));
}

/** What was learnt of saved speakers, into the store; of those enrolled on the command line nothing is kept. */
export async function keepLearnt(learnt: readonly Learnt[], options: SpeakerOptions): Promise<void> {
  if (learnt.length === 0) return;
  const store = storeOf(options);
  const saved = new Set((await store.list()).profiles.map(({ name }) => name));
  const enrolled = new Set(options.enroll?.map(({ name }) => name));
  for (const { speaker, adaptation } of learnt) {
    if (saved.has(speaker) && !enrolled.has(speaker)) await store.adapt(speaker, adaptation);
  }
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
