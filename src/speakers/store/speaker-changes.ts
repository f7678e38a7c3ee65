import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { MAX_ADAPTATIONS, type Adaptation, type Profile } from '../profile.js';
import { profileToJson } from '../profile-file.js';
import { speakerName } from '../speaker-name.js';
import type { KeptRecording, PutOptions, SpeakerStore } from './speaker-store.js';

/** Others may change the same speaker meanwhile: then the change is made anew, so often at the most. */
const MOST_TRIES = 20;

type By = Pick<PutOptions, 'by'>;

/** Rejects with `speaker-name`, or `speaker-exists` where a speaker of this name is stored, damaged or not. */
export async function assertFree(store: SpeakerStore, rawName: string): Promise<void> {
  const name = speakerName(rawName);
  try {
    await store.get(name);
  } catch (error) {
    if (isWhospeaksError(error, 'speaker-not-found')) return;
    if (!isWhospeaksError(error, 'store-corrupt')) throw error;
  }
  throw new WhospeaksError(
    'speaker-exists',
    `speaker "${name}" already exists; use another name, replace the speaker (--replace), or add to it (--append)`,
  );
}

/**
 * Change a speaker as it is stored at that moment, so that of changes at once none is lost. Rejects with `speaker-not-found`,
 * or what `put` and `change` do.
 */
export async function changeSpeaker(
  store: SpeakerStore,
  name: string,
  change: (before: Profile) => Profile,
  options: By & { readonly recordings?: readonly KeptRecording[] | undefined } = {},
): Promise<Profile> {
  for (let tries = 1; ; tries++) {
    const before = await store.get(name);
    const after = change(before);
    if (after === before) return before;
    try {
      return (await store.put(after, { ...options, replaces: before })).profile;
    } catch (error) {
      if (!isWhospeaksError(error, 'speaker-changed') || tries === MOST_TRIES) throw error;
    }
  }
}

/** Rejects with `speaker-not-found`, `speaker-name` or `speaker-exists`. */
export function renameSpeaker(store: SpeakerStore, from: string, to: string, by?: By): Promise<Profile> {
  const name = speakerName(to);
  return changeSpeaker(store, from, (before) => ({ ...before, name }), by);
}

/** Put a better voiceprint in the place of one; undefined where it was changed or removed meanwhile. What was learnt stays. */
export async function improveSpeaker(
  store: SpeakerStore,
  stored: Profile,
  better: Profile,
  by?: By,
): Promise<Profile | undefined> {
  let isStill = false as boolean;
  try {
    const improved = await changeSpeaker(
      store,
      stored.name,
      (now) => {
        isStill = now.id === stored.id && isSameVoice(now, stored);
        const { name, createdAt, adaptations } = now;
        return isStill ? { ...better, name, createdAt, adaptations } : now;
      },
      by,
    );
    return isStill ? improved : undefined;
  } catch (error) {
    if (isWhospeaksError(error, 'speaker-not-found')) return undefined;
    throw error;
  }
}

/**
 * Keep what a turn taught beside the enrolment, which stays as it is; the latest 8 are kept.
 * @param check throws where the speaker, as stored now, is not the one that is meant
 */
export async function adaptSpeaker(
  store: SpeakerStore,
  name: string,
  adaptation: Adaptation,
  by?: By,
  check: (before: Profile) => void = () => undefined,
): Promise<Profile> {
  const learnt = { ...adaptation, addedAt: adaptation.addedAt ?? new Date().toISOString() };
  return changeSpeaker(
    store,
    name,
    (before) => {
      check(before);
      const adaptations = [...(before.adaptations ?? []), learnt].slice(-MAX_ADAPTATIONS);
      return { ...before, adaptations };
    },
    by,
  );
}

/** Forget the latest `count` adaptations of a speaker, default all; returns how many there were. */
export async function undoAdaptations(
  store: SpeakerStore,
  name: string,
  count = MAX_ADAPTATIONS,
  by?: By,
): Promise<number> {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new WhospeaksError('invalid-option', `undo: expected a whole number, 0 or more, received ${count}`);
  }
  let undone = 0;
  const change = (before: Profile): Profile => {
    const adaptations = before.adaptations ?? [];
    const kept = adaptations.slice(0, Math.max(0, adaptations.length - count));
    undone = adaptations.length - kept.length;
    return undone === 0 ? before : { ...before, adaptations: kept };
  };
  await changeSpeaker(store, name, change, by);
  return undone;
}

/** Whether two have one voiceprint, whatever was learnt later. */
export function isSameVoice(a: Profile, b: Profile): boolean {
  return a.centroid.length === b.centroid.length && a.centroid.every((value, i) => value === b.centroid[i]);
}

/** Whether two are stored alike; ids, which a store gives, do not count. */
export function isSameProfile(a: Profile, b: Profile): boolean {
  return a === b || JSON.stringify(profileToJson(a)) === JSON.stringify(profileToJson(b));
}
