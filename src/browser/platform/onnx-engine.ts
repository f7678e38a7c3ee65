import { WhospeaksError } from '../../errors.js';
import type { NativeEngine } from '../../native/addon.js';
import type { ForeignNetwork } from '../../model/onnx/foreign.js';

type Foreign = NativeEngine & { readonly dimension: number };

/** onnxruntime-node is Node's alone: networks of other architectures are refused here. */
export const OnnxEngine = {
  create(network: ForeignNetwork, threads: number): Promise<Foreign> {
    void network;
    void threads;
    return Promise.reject(
      new WhospeaksError('engine-unavailable', 'in a browser only the networks of our own engine run'),
    );
  },
};
