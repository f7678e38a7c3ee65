import type { FloatType } from '../dtype.js';
import { PickleBuilt } from './values.js';

/** Element types by their torch names; `undefined` marks one that is counted but never decoded. */
export interface ElementType {
  readonly bytes: number;
  readonly float?: FloatType;
}

const INTEGER = (bytes: number): ElementType => ({ bytes });

/** Storage classes of module `torch` (and of `torch.cuda`). */
export const STORAGE_TYPES: Readonly<Record<string, ElementType>> = {
  DoubleStorage: { bytes: 8, float: 'F64' },
  FloatStorage: { bytes: 4, float: 'F32' },
  HalfStorage: { bytes: 2, float: 'F16' },
  BFloat16Storage: { bytes: 2, float: 'BF16' },
  LongStorage: INTEGER(8),
  IntStorage: INTEGER(4),
  ShortStorage: INTEGER(2),
  CharStorage: INTEGER(1),
  ByteStorage: INTEGER(1),
  BoolStorage: INTEGER(1),
  /** Bytes of no type: the tensor names the type. */
  UntypedStorage: INTEGER(1),
  ComplexFloatStorage: INTEGER(8),
  ComplexDoubleStorage: INTEGER(16),
};

/** `torch.float32` and its kin, as `_rebuild_tensor_v3` names them. */
export const DTYPES: Readonly<Record<string, ElementType>> = {
  float64: { bytes: 8, float: 'F64' },
  double: { bytes: 8, float: 'F64' },
  float32: { bytes: 4, float: 'F32' },
  float: { bytes: 4, float: 'F32' },
  float16: { bytes: 2, float: 'F16' },
  half: { bytes: 2, float: 'F16' },
  bfloat16: { bytes: 2, float: 'BF16' },
  int64: INTEGER(8),
  int32: INTEGER(4),
  int16: INTEGER(2),
  int8: INTEGER(1),
  uint64: INTEGER(8),
  uint32: INTEGER(4),
  uint16: INTEGER(2),
  uint8: INTEGER(1),
  bool: INTEGER(1),
};

/** A block of elements in the archive, `data/KEY`. */
export class TorchStorage extends PickleBuilt {
  readonly kind = 'storage';
  constructor(
    readonly key: string,
    readonly type: ElementType,
    readonly elements: number,
  ) {
    super();
  }
}

/** A strided view of a storage; offset and strides count elements. */
export class TorchTensor extends PickleBuilt {
  readonly kind = 'tensor';
  constructor(
    readonly storage: TorchStorage,
    readonly type: ElementType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}
