import type { Profile } from '../speakers/profile.js';
import type { SpeakerInfo } from './http.js';

/** What may be told of a speaker: not the voiceprint. */
export function infoOf(profile: Profile, usable: boolean): SpeakerInfo {
  const { name, id, speechSeconds, recordings, consistency, model, createdAt } = profile;
  return {
    name,
    id,
    speechSeconds,
    recordings,
    consistency,
    model: { name: model.name, fingerprint: model.fingerprint },
    createdAt,
    usable,
  };
}
