import createScalar from 'whospeaks-built:speex-scalar';
import scalarBinary from 'whospeaks-built:speex-scalar.wasm';
import createSimd from 'whospeaks-built:speex-simd';
import simdBinary from 'whospeaks-built:speex-simd.wasm';
import type { SpeexModule } from '../../stream/speex.js';
import { hasVectors } from '../engine/has-vectors.js';

let loading: Promise<SpeexModule> | undefined;

/** As Node's. Its wasm is part of the worker's program: it is small, and one file less to find. */
export function loadSpeex(): Promise<SpeexModule> {
  loading ??= hasVectors()
    ? createSimd({ wasmBinary: simdBinary })
    : createScalar({ wasmBinary: scalarBinary });
  return loading;
}
