import { WhospeaksError } from '../errors.js';
import { MAX_EXEMPLARS, type ModelIdentity, type Profile } from './profile.js';
import { robustMean } from './robust-mean.js';
import { dot } from '../vectors.js';

/** Enrol a voice from the windows that a stream has had of it. */
export function profileOfVoice(
  name: string,
  model: Pick<ModelIdentity, 'name' | 'fingerprint'> | undefined,
  { windows, seconds }: { readonly windows: readonly Float32Array[]; readonly seconds: number },
): Profile {
  if (windows.length === 0) {
    throw new WhospeaksError(
      'speech-too-short',
      'this unknown speaker has too little speech to enrol; name it later',
    );
  }
  if (model === undefined) {
    throw new WhospeaksError(
      'invalid-option',
      'to name an unknown speaker, give the tracker its model (option "model")',
    );
  }
  const centroid = robustMean(
    windows,
    windows.map(() => 1),
  );
  const cosines = windows.map((window) => dot(window, centroid));
  return {
    name,
    model: { name: model.name, fingerprint: model.fingerprint },
    dimension: centroid.length,
    centroid,
    exemplars: windows.slice(-MAX_EXEMPLARS),
    speechSeconds: seconds,
    recordings: 1,
    consistency: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length,
  };
}
