/** Bytes that `isWav` looks at. */
export const WAV_HEAD_BYTES = 12;

/** Whether these are the first bytes of a RIFF, RF64 or BW64 WAVE file. */
export function isWav(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, WAV_HEAD_BYTES));
  return /^(RIFF|RF64|BW64)....WAVE/s.test(text.toString('latin1'));
}
