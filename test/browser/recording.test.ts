import { expect, it } from 'vitest';
import { fromFile } from '../../src/browser/sources/recording.js';

/** A wav of s16le at 16 kHz with another chunk of `bytes` before its samples. */
function wavWith(bytes: number, samples: readonly number[]): Blob {
  const chunk = (name: string, body: Uint8Array<ArrayBuffer>): BlobPart[] => {
    const head = new DataView(new ArrayBuffer(8));
    new Uint8Array(head.buffer).set(new TextEncoder().encode(name));
    head.setUint32(4, body.length, true);
    return [head.buffer, body, new Uint8Array(body.length % 2)];
  };
  const format = new DataView(new ArrayBuffer(16));
  format.setUint16(0, 1, true);
  format.setUint16(2, 1, true);
  format.setUint32(4, 16_000, true);
  format.setUint32(8, 32_000, true);
  format.setUint16(12, 2, true);
  format.setUint16(14, 16, true);
  const data = new Uint8Array(Int16Array.from(samples).buffer);
  const parts = [
    ...chunk('fmt ', new Uint8Array(format.buffer)),
    ...chunk('LIST', new Uint8Array(bytes)),
    ...chunk('data', data),
  ];
  return new Blob(['RIFF', new Uint8Array(4), 'WAVE', ...parts]);
}

it.each([10, 65_535, 300_001])('reads a wav with %i bytes before its samples', async (bytes) => {
  const source = fromFile(wavWith(bytes, [16_384, -16_384]));
  const read: number[] = [];
  for await (const { rateHz, planes } of source.open()) {
    expect(rateHz).toBe(16_000);
    read.push(...planes[0]!);
  }
  expect(read).toEqual([0.5, -0.5]);
});
