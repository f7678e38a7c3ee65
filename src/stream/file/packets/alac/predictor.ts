/** The number of coefficients that stands for: each value is added to the one before. */
const DELTA = 31;

/**
 * Undo linear prediction, in place. After each sample the coefficients move by one towards what would have been right.
 *
 * @param values what the predictor got wrong
 * @param coefficients of the samples before, the last one first; changed
 * @param bits of a sample; sums wrap around beyond
 */
export function unpredict(values: Int32Array, coefficients: Int16Array, shift: number, bits: number): void {
  const order = coefficients.length;
  const unused = 32 - bits;
  const wrap = (value: number): number => (value << unused) >> unused;
  if (order === 0) return;
  const first = order === DELTA ? values.length - 1 : Math.min(order, values.length - 1);
  for (let i = 1; i <= first; i++) values[i] = wrap(values[i]! + values[i - 1]!);
  if (order === DELTA) return;
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = order + 1; i < values.length; i++) {
    const base = values[i - order - 1]!;
    let sum = 0;
    for (let k = 0; k < order; k++)
      sum = (sum + Math.imul(coefficients[k]!, (values[i - 1 - k]! - base) | 0)) | 0;
    const wrong = values[i]!;
    values[i] = wrap(wrong + base + ((sum + half) >> shift));
    if (wrong !== 0) adapt(values, coefficients, i, base, wrong, shift);
  }
}

/** Towards the sign of what was wrong, from the oldest sample on, until it is made up for. */
function adapt(
  values: Int32Array,
  coefficients: Int16Array,
  i: number,
  base: number,
  wrong: number,
  shift: number,
): void {
  const order = coefficients.length;
  const direction = Math.sign(wrong);
  let left = wrong;
  for (let k = order - 1; k >= 0; k--) {
    const difference = base - values[i - 1 - k]!;
    const sign = Math.sign(difference) * direction;
    coefficients[k]! -= sign;
    left -= (order - k) * ((sign * difference) >> shift);
    if (left * direction <= 0) return;
  }
}
