import type { SegmentationWeights } from '../../../src/model/index.js';
import { op, stateDictPickle, torchFile } from './pickle-file.js';

/** A Lightning checkpoint as pyannote saves one: the weights in a dictionary, and what it was trained for beside them. */
export function lightningFile({ tensors }: SegmentationWeights): Uint8Array {
  const wrapped = new Map([...tensors].map(([name, tensor]) => [`model.${name}`, tensor]));
  wrapped.set('model.sincnet.conv1d.0.filterbank.n_', { shape: [1, 125], data: new Float32Array(125) });
  const checkpoint = op.dict(
    [
      op.text('pyannote.audio'),
      op.newObject(op.global('pyannote.audio.core.task', 'Specifications'), op.emptyTuple),
    ],
    [op.text('state_dict'), stateDictPickle(wrapped)],
  );
  return torchFile(checkpoint, wrapped);
}
