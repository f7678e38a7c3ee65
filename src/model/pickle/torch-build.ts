import { lookup } from '../dtype.js';
import { corrupt, quote, unsupported } from '../fault.js';
import { DTYPES, STORAGE_TYPES, TorchStorage, TorchTensor, type ElementType } from './torch-values.js';
import type { UnpickleOptions } from './unpickler.js';
import { PickleDict, PickleGlobal, PickleTuple, type PickleValue } from './values.js';

/**
 * What torch's pickles may build: ordered dicts, storages and tensors (also as parameters), nothing else.
 * Every other global stays an inert name.
 */
export function torchOptions(label: string): UnpickleOptions {
  return {
    label,
    resolve: (id) => resolveStorage(label, id),
    build: (callee, args) => {
      switch (callee.path) {
        case 'collections.OrderedDict':
        case 'builtins.dict':
        case '__builtin__.dict':
          return buildDict(args);
        case 'torch._utils._rebuild_tensor':
        case 'torch._utils._rebuild_tensor_v2':
        case 'torch._utils._rebuild_tensor_v3':
          return buildTensor(label, args);
        // Both wrap a finished tensor.
        case 'torch._utils._rebuild_parameter':
        case 'torch._utils._rebuild_parameter_with_state':
        case 'torch.nn.parameter.Parameter':
          return args[0] instanceof TorchTensor ? args[0] : undefined;
        case 'torch._tensor._rebuild_from_type_v2':
          return buildFromType(label, args);
        default:
          return undefined;
      }
    },
  };
}

/** Either empty, to be filled by SETITEMS, or a list of pairs. */
function buildDict(args: readonly PickleValue[]): PickleDict | undefined {
  const dict = new PickleDict();
  const pairs = args[0] ?? [];
  if (!Array.isArray(pairs)) return undefined;
  for (const pair of pairs) {
    const [key, value] = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
    if (key === undefined || value === undefined) return undefined;
    dict.entries.set(key, value);
  }
  return dict;
}

/** ('storage', class, key, location, elements). */
function resolveStorage(label: string, id: PickleValue): TorchStorage {
  const [tag, storageClass, key, , elements] = id instanceof PickleTuple ? id.items : [];
  if (
    tag !== 'storage' ||
    !(storageClass instanceof PickleGlobal) ||
    typeof key !== 'string' ||
    typeof elements !== 'number' ||
    !Number.isSafeInteger(elements) ||
    elements < 0
  ) {
    throw corrupt(label, 'the pickle refers to a storage in a form that torch does not write');
  }
  const type = lookup(STORAGE_TYPES, storageClass.name);
  if (!/^torch(?:\.(?:storage|cuda))?$/.test(storageClass.module) || !type) {
    throw unsupported(label, `storage of type ${quote(storageClass.path)}`);
  }
  return new TorchStorage(key, type, elements);
}

/** (storage, offset, shape, strides, requires_grad, hooks[, dtype]). */
function buildTensor(label: string, args: readonly PickleValue[]): TorchTensor {
  const [storage, offset, shape, strides] = args;
  const dtype = args[6];
  const sizes = naturals(shape);
  const steps = naturals(strides);
  if (!(storage instanceof TorchStorage) || !isNatural(offset) || !sizes || steps?.length !== sizes.length) {
    throw corrupt(label, 'the pickle describes a tensor in a form that torch does not write');
  }
  let type: ElementType | undefined = storage.type;
  if (dtype instanceof PickleGlobal) type = lookup(DTYPES, dtype.name);
  if (!type) throw unsupported(label, 'a tensor of an element type that is not known');
  return new TorchTensor(storage, type, offset, sizes, steps);
}

/** (rebuild function, class, args, state): a subclass of Tensor; its data is what matters. */
function buildFromType(label: string, args: readonly PickleValue[]): TorchTensor | undefined {
  const [rebuild, , inner] = args;
  if (!(rebuild instanceof PickleGlobal) || !(inner instanceof PickleTuple)) return undefined;
  return rebuild.path.startsWith('torch._utils._rebuild_tensor')
    ? buildTensor(label, inner.items)
    : undefined;
}

function isNatural(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function naturals(value: PickleValue | undefined): readonly number[] | undefined {
  const items = value instanceof PickleTuple ? value.items : undefined;
  return items && items.length <= 8 && items.every(isNatural) ? items : undefined;
}
