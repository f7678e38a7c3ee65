import { WhospeaksError } from '../errors.js';
import type { SpeakerModel } from '../native/index.js';
import { enroll, type Profile, type SpeakerStore } from '../speakers/index.js';
import { changeSpeaker } from '../speakers/store/speaker-changes.js';
import { fromBytes } from '../stream/index.js';
import { engineOptions, type EngineOption } from './engine-option.js';
import { EXIT } from './exit-codes.js';
import { isUsable } from './model-in-use.js';
import { BY_COMMAND_LINE as by } from './open-store.js';
import { openModel } from './open-model.js';

export interface UpgradeOptions extends EngineOption {
  readonly model?: string;
}

/**
 * `speakers upgrade`: make the profiles of other models again for the model in use, from the audio that was kept; say whom to
 * enrol again. What was learnt after an enrolment is the old model's and is not taken over.
 */
export async function upgradeSpeakers(
  store: SpeakerStore,
  names: readonly string[],
  options: UpgradeOptions,
): Promise<void> {
  const chosen =
    names.length === 0
      ? (await store.list()).profiles
      : await Promise.all(names.map((name) => store.get(name)));
  const model = await openModel(options.model, engineOptions(options));
  const again: string[] = [];
  try {
    const old = chosen.filter((profile) => !isUsable(model, profile));
    if (old.length === 0) process.stdout.write(`all speakers are of the model ${model.name} already\n`);
    for (const profile of old) {
      const told = await upgrade(store, profile, model);
      if (told === undefined) again.push(profile.name);
      else process.stdout.write(`${told}\n`);
    }
  } finally {
    model.close();
  }
  if (again.length === 0) return;
  process.exitCode = EXIT.speakers;
  process.stderr.write(
    `warning: enrol again, for no audio of them was kept: ${again.join(', ')} ` +
      '(whospeaks speakers add NAME FILE... --replace --keep-audio) [model-mismatch]\n',
  );
}

/** What was done; undefined where there is nothing to make the profile from. */
async function upgrade(store: SpeakerStore, old: Profile, model: SpeakerModel): Promise<string | undefined> {
  const kept = (await store.recordings?.(old.name)) ?? [];
  if (kept.length === 0) return undefined;
  const sources = kept.map(({ bytes }, i) => fromBytes(bytes, `recording-${i + 1}`));
  const made = await enroll(model, { name: old.name, sources });
  const profile = await changeSpeaker(
    store,
    old.name,
    (stored) => {
      if (stored.model.fingerprint === old.model.fingerprint) return { ...made, createdAt: stored.createdAt };
      throw new WhospeaksError(
        'speaker-changed',
        `"${old.name}" was enrolled again meanwhile; nothing is left to do`,
      );
    },
    { recordings: kept, by },
  );
  const from = kept.length < old.recordings ? ` from ${kept.length} of ${old.recordings} recordings` : '';
  return `upgraded ${profile.name} from ${old.model.name} to ${model.name}${from}`;
}
