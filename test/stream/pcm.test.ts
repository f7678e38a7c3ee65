import { describe, expect, it } from 'vitest';
import { PcmDecoder, type PcmEncoding } from '../../src/stream/pcm.js';
import { pcmBytes } from './wav-file.js';

describe('PcmDecoder', () => {
  it.each([
    ['u8', 1 / 128],
    ['s16le', 2 ** -15],
    ['s24le', 2 ** -23],
    ['s32le', 2 ** -31],
    ['f32le', 0],
    ['f64le', 0],
  ] as const)('reads %s, full scale -1 to 1', (encoding, step) => {
    const samples = [0, 0.5, -0.5, -1, 0.25, -0.125];
    const decoded = new PcmDecoder(encoding, 1).push(pcmBytes(encoding, samples))[0]!;
    samples.forEach((x, i) => {
      expect(Math.abs(decoded[i]! - x)).toBeLessThanOrEqual(step);
    });
  });

  it.each([
    ['mulaw', [0xff, 0x7f, 0x80, 0x00, 0xf0], [0, 0, 32_124, -32_124, 120]],
    ['alaw', [0xd5, 0x55, 0xaa, 0x2a, 0x80], [8, -8, 32_256, -32_256, 5_504]],
  ] as const)('reads %s as G.711 tables it', (encoding, codes, expected) => {
    const decoded = new PcmDecoder(encoding, 1).push(Uint8Array.from(codes))[0]!;
    expect([...decoded].map((x) => x * 32_768 + 0)).toEqual(expected);
  });

  it.each(['s16le', 's24le', 'f32le', 'f64le'] as PcmEncoding[])(
    'puts %s samples cut anywhere together',
    (encoding) => {
      const samples = Array.from({ length: 60 }, (_, i) => Math.sin(i) * 0.9);
      const bytes = pcmBytes(encoding, samples);
      const whole = new PcmDecoder(encoding, 2).push(bytes)[0]!;
      expect(whole).toHaveLength(30);
      for (const cut of [1, 3, 5, 7, 11]) {
        const decoder = new PcmDecoder(encoding, 2);
        const parts: number[] = [];
        for (let at = 0; at < bytes.length; at += cut)
          parts.push(...decoder.push(bytes.subarray(at, at + cut))[0]!);
        expect(Float32Array.from(parts)).toEqual(whole);
        expect(decoder.pendingBytes).toBe(0);
      }
    },
  );

  it('mixes channels to their mean', () => {
    const bytes = pcmBytes('f32le', [0.5, 0.25, 0, 1, -1, 0.75]);
    expect([...new PcmDecoder('f32le', 3).push(bytes)[0]!]).toEqual([0.25, 0.25]);
  });

  it('keeps channels apart where that is wanted', () => {
    const bytes = pcmBytes('f32le', [0.5, 0.25, 0, 1, -1, 0.75]);
    const planes = new PcmDecoder('f32le', 3, { audio: 'channels' }).push(bytes);
    expect(planes.map((plane) => [...plane])).toEqual([
      [0.5, 1],
      [0.25, -1],
      [0, 0.75],
    ]);
  });

  it('knows how much of a sample is left over', () => {
    const decoder = new PcmDecoder('s16le', 2);
    decoder.push(new Uint8Array(7));
    expect(decoder.pendingBytes).toBe(3);
  });
});
