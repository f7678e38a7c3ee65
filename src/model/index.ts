export { readModel, findModelFile } from './read-model.js';
export { encodeSafetensors, writeSafetensors } from './safetensors-write.js';
export { canonicalShapes, convPlan, countMultiplyAdds, countParameters, type ConvSpec } from './plan.js';
export type { Calibration, CanonicalModel, ResNetConfig, Tensor } from './types.js';
