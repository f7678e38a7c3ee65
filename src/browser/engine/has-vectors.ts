/** A module of one function that gives a vector of zeros: valid where there are 128-bit vectors. */
const WITH_VECTORS = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // Type: [] to [v128]; one function of it; its body: v128.const 0, end.
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x16, 0x01, 0x14, 0x00, 0xfd, 0x0c, ...new Uint8Array(16), 0x0b],
);

/** Whether this browser's WebAssembly has 128-bit vectors. */
export function hasVectors(): boolean {
  return WebAssembly.validate(WITH_VECTORS);
}
