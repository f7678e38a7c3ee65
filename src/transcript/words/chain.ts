/**
 * What is likely at each position of a sequence, by its own evidence and by how states follow one another: posteriors by
 * the forward-backward algorithm (Rabiner 1989), in logarithms.
 *
 * @param evidence of each position the log-likelihood of each of its states, of which there is at least one
 * @param transition log-weight of state `from` at position - 1 followed by state `to` at it
 * @returns of each position the probability of each of its states
 */
export function posteriors(
  evidence: readonly (readonly number[])[],
  transition: (position: number, from: number, to: number) => number,
): number[][] {
  const forward: number[][] = [];
  for (const [position, own] of evidence.entries()) {
    const before = forward[position - 1];
    forward.push(
      normalized(
        own.map((value, to) =>
          before === undefined
            ? value
            : value + logSum(before.map((past, from) => past + transition(position, from, to))),
        ),
      ),
    );
  }
  let after: readonly number[] | undefined;
  const told: number[][] = [];
  for (let position = evidence.length - 1; position >= 0; position--) {
    const next = after;
    const future = evidence[position]!.map((_, from) =>
      next === undefined ? 0 : logSum(next.map((value, to) => value + transition(position + 1, from, to))),
    );
    told.push(normalized(forward[position]!.map((past, state) => past + future[state]!)).map(Math.exp));
    after = normalized(future.map((value, state) => value + evidence[position]![state]!));
  }
  return told.reverse();
}

function logSum(values: readonly number[]): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

function normalized(values: readonly number[]): number[] {
  const all = logSum(values);
  return values.map((value) => value - all);
}
