/** Precisions of the cpu engine below fp32. Each is measured where the processor has it. */
export const REDUCED = ['bf16', 'int8'] as const;

export type ReducedPrecision = (typeof REDUCED)[number];

/** Those that can be had here, made by `create`, which rejects where the processor lacks one. */
export async function available<T>(
  create: (precision: ReducedPrecision) => Promise<T>,
): Promise<Map<ReducedPrecision, T>> {
  const made = new Map<ReducedPrecision, T>();
  for (const precision of REDUCED) {
    const one = await create(precision).catch(() => undefined);
    if (one !== undefined) made.set(precision, one);
  }
  return made;
}
