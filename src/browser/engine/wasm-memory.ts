import { WhospeaksError } from '../../errors.js';
import type { Pointer, WasmModule } from './wasm-module.js';

/** Names and messages are short; text without an end is a fault of ours, not an endless loop. */
const MOST_TEXT_BYTES = 64 * 1024;

/** Room in the module's memory that grows with what is asked of it, and is used again from call to call. */
export class Scratch {
  #pointer: Pointer = 0;
  #bytes = 0;

  constructor(private readonly module: WasmModule) {}

  /** At least so many bytes, aligned to 16. */
  room(bytes: number): Pointer {
    if (bytes <= this.#bytes) return this.#pointer;
    this.free();
    this.#pointer = allocate(this.module, bytes);
    this.#bytes = bytes;
    return this.#pointer;
  }

  /** Numbers copied in. */
  floats(values: Float32Array): Pointer {
    const pointer = this.room(values.byteLength);
    this.module.HEAPF32.set(values, pointer / 4);
    return pointer;
  }

  free(): void {
    if (this.#pointer !== 0) this.module._free(this.#pointer);
    this.#pointer = 0;
    this.#bytes = 0;
  }
}

export function allocate(module: WasmModule, bytes: number): Pointer {
  const pointer = module._malloc(Math.max(16, bytes));
  if (pointer !== 0) return pointer;
  throw new WhospeaksError('engine-failed', `no memory for ${bytes} bytes; close other models and streams`);
}

/** Text lent to a call, as UTF-8 with an end. */
export function withText<T>(module: WasmModule, text: string, use: (pointer: Pointer) => T): T {
  const bytes = new TextEncoder().encode(text);
  const pointer = allocate(module, bytes.length + 1);
  try {
    module.HEAPU8.set(bytes, pointer);
    module.HEAPU8[pointer + bytes.length] = 0;
    return use(pointer);
  } finally {
    module._free(pointer);
  }
}

export function textAt(module: WasmModule, pointer: Pointer): string {
  const bytes = module.HEAPU8.subarray(pointer, pointer + MOST_TEXT_BYTES);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.slice(0, Math.max(0, end)));
}

/** A copy, which JavaScript owns. */
export function floatsAt(module: WasmModule, pointer: Pointer, count: number): Float32Array {
  return module.HEAPF32.slice(pointer / 4, pointer / 4 + count);
}

/** What a call gave, or its error where that is null. */
export function expectPointer(module: WasmModule, pointer: Pointer): Pointer {
  if (pointer !== 0) return pointer;
  throw lastError(module);
}

/** As the addon's errors: a message, and a code that `fromNativeError` reads. */
export function lastError(module: WasmModule): Error {
  const error = new Error(textAt(module, module._ws_error_message()));
  return Object.assign(error, { code: textAt(module, module._ws_error_code()) });
}
