/** Below this the Taylor series is used, above it the continued fraction. */
const SERIES_BELOW = 2;
/** Terms of either. */
const TERMS = 60;

/** Probability that a standard normal variable exceeds x. By its Taylor series about 0 and, in the tail, Laplace's continued fraction. */
export function upperTail(x: number): number {
  if (x < 0) return 1 - upperTail(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < SERIES_BELOW) {
    let term = x;
    let sum = x;
    for (let n = 1; n < TERMS; n++) sum += term *= (x * x) / (2 * n + 1);
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let n = TERMS; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
}

/** The x that a standard normal variable exceeds with the given probability, in (0, 1). By bisection. */
export function upperQuantile(probability: number): number {
  let low = -40;
  let high = 40;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
