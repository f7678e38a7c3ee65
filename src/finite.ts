/** Whether no value is NaN or infinite: 0 times any other is 0. A plain loop, for it runs over millions of weights. */
export function allFinite(values: Float32Array | Float64Array): boolean {
  // Four sums side by side: each waits for its own additions alone.
  const last = values.length - (values.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < last; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = last; i < values.length; i++) a += values[i]! * 0;
  return a + b + c + d === 0;
}
