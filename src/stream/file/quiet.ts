/* eslint-disable no-console -- this file is what keeps the decoders from printing */

/** The WebAssembly decoders print their errors besides returning them; these are their prefixes. */
const PREFIX = /^(mpg123-decoder|@wasm-audio-decoders\/|opus-decoder|codec-parser)/;

let depth = 0;
let original = console.error;

/** Run a decoder without its printing. Messages from elsewhere pass through unchanged. */
export async function quietly<T>(decode: () => T | Promise<T>): Promise<T> {
  if (depth++ === 0) {
    original = console.error;
    const pass = original;
    console.error = (...args: unknown[]) => {
      if (!(typeof args[0] === 'string' && PREFIX.test(args[0]))) pass(...args);
    };
  }
  try {
    return await decode();
  } finally {
    if (--depth === 0) console.error = original;
  }
}
