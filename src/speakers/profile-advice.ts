import type { ModelIdentity, Profile } from './profile.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { nameKey } from './speaker-name.js';
import { dot } from '../vectors.js';

/** Below this, a longer recording would serve better. */
const GOOD_SPEECH_SECONDS = 6;

/**
 * What the user should know about a new profile, a sentence each; empty where all is well. Judged by the
 * model's calibration of one window: `others` are profiles stored already.
 */
export function profileAdvice(model: ModelIdentity, profile: Profile, others: readonly Profile[]): string[] {
  const { scale, offset } = model.calibration ?? DEFAULT_CALIBRATION;
  const advice: string[] = [];
  if (profile.speechSeconds < GOOD_SPEECH_SECONDS) {
    advice.push(
      `only ${profile.speechSeconds.toFixed(1)} s of speech; 10 s or more, from two recordings, names more surely`,
    );
  }
  if (scale * profile.consistency + offset < 0) {
    advice.push('the recordings do not sound like one voice; is somebody else in them, or much noise?');
  }
  for (const other of others) {
    if (
      other.model.fingerprint !== profile.model.fingerprint ||
      nameKey(other.name) === nameKey(profile.name)
    )
      continue;
    const cosine = dot(other.centroid, profile.centroid);
    const logOdds = scale * cosine + offset;
    if (logOdds > 0) {
      const percent = Math.round(100 / (1 + Math.exp(-logOdds)));
      advice.push(`sounds like "${other.name}" (one voice at ${percent} %); is it the same person?`);
    }
  }
  return advice;
}
