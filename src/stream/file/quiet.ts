/* eslint-disable no-console -- this file is what keeps the decoders from printing */

/** The WebAssembly decoders print their errors besides returning them, or instead; these are theirs. */
const PREFIX = /^(mpg123-decoder|@wasm-audio-decoders\/|opus-decoder|libopus|codec-parser|\[\w+ @ 0x)/;

let depth = 0;
let original = console.error;
let heard: string[] | null = null;

/** Run a decoder without its printing. Messages from elsewhere pass through unchanged. */
export async function quietly<T>(decode: () => T | Promise<T>): Promise<T> {
  if (depth++ === 0) {
    original = console.error;
    const pass = original;
    console.error = (...args: unknown[]) => {
      if (typeof args[0] === 'string' && PREFIX.test(args[0])) heard?.push(args[0]);
      else pass(...args);
    };
  }
  try {
    return await decode();
  } finally {
    if (--depth === 0) console.error = original;
  }
}

/** Within `quietly`: what a decoder would have printed during one synchronous call. */
export function overhear<T>(decode: () => T): { value: T; messages: readonly string[] } {
  const messages: string[] = [];
  heard = messages;
  try {
    return { value: decode(), messages };
  } finally {
    heard = null;
  }
}
