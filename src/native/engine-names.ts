/**
 * The engines that there are, in order; each with how it batches. The addon's own list (engines/engine.cpp) is compared
 * with this one when it is loaded.
 *
 * A batch bounds how long closing or leaving a thread can wait, and nobody in it has an answer before all have; the
 * cpu engine gains nothing beyond a few windows.
 */
export const ENGINES = {
  cpu: { maxBatch: 4, maxDelayMs: 0 },
  mlx: { maxBatch: 16, maxDelayMs: 5 },
} as const;

export type EngineName = keyof typeof ENGINES;

export const ENGINE_NAMES = Object.keys(ENGINES) as [EngineName, ...EngineName[]];

/** What a user may ask for. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];
