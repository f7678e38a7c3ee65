/** A module of one function that gives a vector, of these instructions. */
function giving(...instructions: number[]): Uint8Array<ArrayBuffer> {
  const body = [0x00, ...instructions, 0x0b];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    // Type: [] to [v128]; one function of it; its body. All lengths are below 128.
    ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
    ...[0x03, 0x02, 0x01, 0x00],
    ...[0x0a, body.length + 2, 0x01, body.length, ...body],
  );
}

/** v128.const 0 */
const ZEROS = [0xfd, 0x0c, ...new Uint8Array(16)];
/** f32x4.relaxed_madd */
const RELAXED_MADD = [0xfd, 0x85, 0x02];

/** Whether this browser's WebAssembly has 128-bit vectors. */
export function hasVectors(): boolean {
  return WebAssembly.validate(giving(...ZEROS));
}

/** Whether they multiply and add at once, too. */
export function hasRelaxedVectors(): boolean {
  return WebAssembly.validate(giving(...ZEROS, ...ZEROS, ...ZEROS, ...RELAXED_MADD));
}
