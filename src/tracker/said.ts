import { addScaled, unit } from '../vectors.js';

/** The speech of a turn: its direction, L2-normalised, and its net duration. */
export interface Said {
  readonly direction: Float32Array;
  readonly seconds: number;
}

/** All of it pooled: each weighs by its speech. Of nothing, a direction without dimensions. */
export function together(said: Iterable<Said>): Said {
  let sum = new Float32Array(0);
  let seconds = 0;
  for (const turn of said) {
    if (sum.length === 0) sum = new Float32Array(turn.direction.length);
    addScaled(sum, turn.direction, turn.seconds);
    seconds += turn.seconds;
  }
  return { direction: unit(sum), seconds };
}
