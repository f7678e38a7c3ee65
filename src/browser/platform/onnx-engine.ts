import { WhospeaksError } from '../../errors.js';
import type { NativeEngine } from '../../native/addon.js';
import type { ForeignNetwork } from '../../model/onnx/foreign.js';

type Foreign = NativeEngine & { readonly dimension: number };

/** onnxruntime-node is Node's alone: networks of other architectures are refused here. */
export const OnnxEngine = {
  create: (...[network]: [network: ForeignNetwork, threads: number]): Promise<Foreign> =>
    Promise.reject(
      new WhospeaksError(
        'engine-unavailable',
        `a network of ${network.dimension ?? 'unknown'} numbers that onnxruntime would run: in a browser only those of our own engine run`,
      ),
    ),
};
