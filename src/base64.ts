/** Browsers have no `Buffer`, and Node 20 has nothing else that is fast. */
const node = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;

/** Characters that one call may be given as arguments. */
const PIECE = 8192;

export function toBase64(bytes: Uint8Array): string {
  if (node !== undefined)
    return node.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

/** @param text base64, checked before */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (node !== undefined) return new Uint8Array(node.from(text, 'base64'));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
