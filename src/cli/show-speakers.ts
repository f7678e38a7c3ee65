import type { AuditEntry, KeptRecording, Profile, ProfileList, SpeakerStore } from '../speakers/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { percentText } from '../transcript/readable.js';
import { dot } from '../vectors.js';
import { describeProfile, describeSpeech } from './describe-speaker.js';
import { EXIT } from './exit-codes.js';
import { isUsable, modelInUse, probabilityOf } from './model-in-use.js';
import { placeOf } from './open-store.js';

export interface ShowOptions {
  readonly model?: string;
  readonly json?: true;
}

/** `speakers list`: who is stored, and who cannot be named by the model in use. */
export async function listSpeakers(store: SpeakerStore, options: ShowOptions): Promise<void> {
  const contents = await store.list();
  const { profiles, warnings, damaged } = contents;
  const model = profiles.length === 0 ? undefined : await modelInUse(options.model);
  const usable = (profile: Profile): boolean => model !== undefined && isUsable(model, profile);
  if (options.json) print(JSON.stringify(listJson(placeOf(store), contents, usable), null, 2));
  else if (profiles.length === 0) print(`no speakers in ${placeOf(store)}`);
  else
    for (const profile of profiles)
      print(`${describeProfile(profile)}${usable(profile) ? '' : ', not usable with the model in use'}`);
  for (const { code, message } of warnings) warn(`${message} [${code}]`);
  const others = profiles.filter((profile) => !usable(profile)).map(({ name }) => name);
  if (others.length > 0) {
    warn(
      `the model in use, ${model!.name}, cannot name ${others.join(', ')}: another model enrolled them; ` +
        '`whospeaks speakers upgrade` makes them again where audio was kept [model-mismatch]',
    );
  }
  for (const { name, file, reason } of damaged) {
    warn(
      `the profile of ${name} cannot be read (${file}: ${reason}); if that cannot be mended, remove it and enrol again [store-corrupt]`,
    );
  }
  if (damaged.length > 0) process.exitCode = EXIT.speakers;
}

/** `speakers show`: all there is to know of one. */
export async function showSpeaker(store: SpeakerStore, name: string, options: ShowOptions): Promise<void> {
  const profile = await store.get(name);
  const model = await modelInUse(options.model);
  const usable = isUsable(model, profile);
  const kept = (await store.recordings?.(profile.name)) ?? [];
  const changes = await store.audit(profile.name);
  const closest = closestTo(profile, (await store.list()).profiles);
  const { dimension, speechSeconds, recordings, consistency, createdAt, id, adaptations = [] } = profile;
  if (options.json) {
    const alike = closest && { name: closest.name, probability: probabilityOf(model, closest.cosine) };
    const facts = { dimension, speechSeconds, recordings, consistency, createdAt, usable };
    const counts = { adaptations: adaptations.length, keptRecordings: kept.map(({ until }) => ({ until })) };
    print(
      JSON.stringify(
        { name: profile.name, id, model: profile.model, ...facts, ...counts, closest: alike, changes },
        null,
        2,
      ),
    );
    return;
  }
  const heard = adaptations.reduce((sum, { seconds }) => sum + seconds, 0);
  const alike =
    closest && `${closest.name}, ${percentText(probabilityOf(model, closest.cosine))} the same person`;
  const lines: [string, string][] = [
    ['id', id ?? 'none'],
    ['enrolled', `${createdAt ?? 'at an unknown time'}, ${describeSpeech(speechSeconds, recordings)}`],
    ['consistency', consistency.toFixed(2)],
    ['model', `${profile.model.name}${usable ? '' : ` (not usable with ${model.name})`}`],
    [
      'learnt since',
      adaptations.length === 0 ? 'nothing' : `${adaptations.length} turns, ${heard.toFixed(0)} s of speech`,
    ],
    ['kept audio', describeKept(kept)],
    ['most alike', usable ? (alike ?? 'nobody stored') : 'cannot be told'],
    ['changes', changes.map(describeChange).join('\n                ') || 'none told'],
  ];
  print(profile.name);
  for (const [label, text] of lines) print(`  ${label.padEnd(14)}${text}`);
}

/** `speakers audit`: who changed whom. */
export async function showAudit(
  store: SpeakerStore,
  name: string | undefined,
  { json }: { readonly json?: true },
): Promise<void> {
  for (const entry of await store.audit(name))
    print(
      json ? JSON.stringify(entry) : `${describeChange(entry)}  ${entry.name ?? entry.id ?? ''}`.trimEnd(),
    );
}

/** Speakers that can be restored. */
export async function listRemoved(store: SpeakerStore): Promise<void> {
  const removed = (await store.removed?.()) ?? [];
  if (removed.length === 0) print('nobody can be restored');
  for (const { name, removedAt, until } of removed)
    print(`${name}: removed ${removedAt}, deleted for good ${until}`);
}

function describeChange({ at, action, by }: AuditEntry): string {
  return `${at}  ${action}${by === undefined ? '' : ` by ${by}`}`;
}

function describeKept(kept: readonly KeptRecording[]): string {
  if (kept.length === 0) return 'none';
  const until = kept.flatMap((each) => each.until ?? []).sort()[0];
  const count = kept.length === 1 ? '1 recording' : `${kept.length} recordings`;
  return `${count}${until === undefined ? '' : `, the first is deleted ${until}`}`;
}

function closestTo(
  profile: Profile,
  others: readonly Profile[],
): { name: string; cosine: number } | undefined {
  return others
    .filter((other) => isUsable(profile.model, other) && nameKey(other.name) !== nameKey(profile.name))
    .map(({ name, centroid }) => ({ name, cosine: dot(centroid, profile.centroid) }))
    .sort((a, b) => b.cosine - a.cosine)[0];
}

function listJson(
  folder: string,
  { profiles, damaged, warnings }: ProfileList,
  usable: (profile: Profile) => boolean,
): object {
  const speakers = profiles.map((profile) => {
    const { name, id, model, dimension, speechSeconds, recordings, consistency, createdAt } = profile;
    return {
      name,
      id,
      model,
      dimension,
      speechSeconds,
      recordings,
      consistency,
      createdAt,
      usable: usable(profile),
    };
  });
  return { folder, speakers, damaged, warnings };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
