import type { Calibration } from './types.js';

/**
 * Calibration where the model states none: measured with the bundled one, one 1.5 s window against a
 * profile. `calibration` or `threshold` overrides it.
 */
export const DEFAULT_CALIBRATION: Calibration = { scale: 14, offset: -7.4 };
