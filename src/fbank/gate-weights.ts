import { GATE_INPUTS, GATE_UNITS, GATE_WEIGHTS } from './speech-gate-weights.js';
import { MEL_BINS } from './types.js';

/** Matrices are rows x columns, row-major. */
export interface GateWeights {
  /** MEL_BINS -> GATE_INPUTS. */
  readonly project: Float64Array;
  readonly projectBias: Float64Array;
  /** GATE_INPUTS -> 3 GATE_UNITS, and GATE_UNITS -> 3 GATE_UNITS; rows: reset, update, new state. */
  readonly fromInput: Float64Array;
  readonly fromInputBias: Float64Array;
  readonly fromState: Float64Array;
  readonly fromStateBias: Float64Array;
  /** GATE_UNITS -> 1. */
  readonly out: Float64Array;
  readonly outBias: number;
}

/** Read once for all streams: they never change. */
let weights: GateWeights | undefined;

export function gateWeights(): GateWeights {
  return (weights ??= read());
}

function read(): GateWeights {
  const bytes = Uint8Array.from(atob(GATE_WEIGHTS), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (count: number): Float64Array => {
    const from = at;
    at += 4 * count;
    return Float64Array.from({ length: count }, (_, i) => view.getFloat32(from + 4 * i, true));
  };
  const rows = 3 * GATE_UNITS;
  return {
    project: take(GATE_INPUTS * MEL_BINS),
    projectBias: take(GATE_INPUTS),
    fromInput: take(rows * GATE_INPUTS),
    fromInputBias: take(rows),
    fromState: take(rows * GATE_UNITS),
    fromStateBias: take(rows),
    out: take(GATE_UNITS),
    outBias: take(1)[0]!,
  };
}
