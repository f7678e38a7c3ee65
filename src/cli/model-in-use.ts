import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { readEmbedding, resolveModel } from '../model/index.js';
import type { ModelIdentity, Profile } from '../speakers/index.js';

/** Who made the profiles that can be used, read without starting an engine. Rejects with a `model-*` code. */
export async function modelInUse(name: string | undefined): Promise<ModelIdentity> {
  return (await readEmbedding(await resolveModel(name))).model;
}

export function isUsable({ fingerprint }: ModelIdentity, { model }: Profile): boolean {
  return model.fingerprint === fingerprint;
}

/** How probably two of one voice are that alike, 0 to 1. */
export function probabilityOf({ calibration }: ModelIdentity, cosine: number): number {
  const { scale, offset } = calibration ?? DEFAULT_CALIBRATION;
  return 1 / (1 + Math.exp(-(scale * cosine + offset)));
}
