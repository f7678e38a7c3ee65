import { WhospeaksError } from '../errors.js';
import { addScaled, dot, unit } from '../vectors.js';
import { evenly } from './evenly.js';
import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { MAX_EXEMPLARS, type ModelIdentity, type Profile } from './profile.js';

/**
 * One profile of two that were enrolled from different recordings of one speaker: as in an enrolment from all of them, each
 * recording counts alike. Name, id, date and adaptations are the first one's.
 * @throws {WhospeaksError} `model-mismatch` where they are of two models
 */
export function joinProfiles(first: Profile, second: Profile): Profile {
  if (first.model.fingerprint !== second.model.fingerprint) {
    throw new WhospeaksError(
      'model-mismatch',
      `speaker "${first.name}" was enrolled with model "${first.model.name}", and the new recordings are of model ` +
        `"${second.model.name}"; replace the speaker, or upgrade it first (whospeaks speakers upgrade)`,
    );
  }
  const recordings = first.recordings + second.recordings;
  const shares = [first, second].map((each) => each.recordings / recordings);
  const sum = new Float32Array(first.dimension);
  addScaled(sum, first.centroid, shares[0]!);
  addScaled(sum, second.centroid, shares[1]!);
  const centroid = unit(sum);
  // The windows are gone but for some: their mean cosine with the new middle follows from that with the old one.
  const consistency = [first, second].reduce(
    (total, each, i) => total + shares[i]! * each.consistency * dot(each.centroid, centroid),
    0,
  );
  const own = Math.max(Math.round(MAX_EXEMPLARS * shares[0]!), MAX_EXEMPLARS - second.exemplars.length);
  return {
    ...first,
    centroid,
    exemplars: [...evenly(first.exemplars, own), ...evenly(second.exemplars, MAX_EXEMPLARS - own)],
    speechSeconds: first.speechSeconds + second.speechSeconds,
    recordings,
    consistency,
  };
}

/** What the user should know about recordings that are added to a speaker; empty where all is well. */
export function appendAdvice(
  { calibration }: Pick<ModelIdentity, 'calibration'>,
  before: Profile,
  added: Profile,
): string[] {
  const { scale, offset } = calibration ?? DEFAULT_CALIBRATION;
  const cosine = dot(before.centroid, added.centroid);
  if (scale * cosine + offset > 0) return [];
  return [
    `the added recordings do not sound like "${before.name}" as stored (cosine ${cosine.toFixed(2)}); is it the same person?`,
  ];
}
