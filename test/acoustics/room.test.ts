import { describe, expect, it } from 'vitest';
import { Convolver } from '../../src/acoustics/convolve.js';
import { Random } from '../../src/acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom, type Room } from '../../src/acoustics/room.js';

function noise(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
}

describe('Convolver', () => {
  it.each([
    [1, 1],
    [5, 300],
    [3000, 7],
    [5000, 700],
  ])('convolves %i samples with a kernel of %i', (length, kernelLength) => {
    const signal = noise(length, 1);
    const kernel = noise(kernelLength, 2);
    const got = new Convolver(kernel).apply(signal);
    expect(got.length).toBe(length + kernelLength - 1);
    let worst = 0;
    for (let n = 0; n < got.length; n++) {
      let want = 0;
      for (let k = Math.max(0, n - length + 1); k <= Math.min(n, kernelLength - 1); k++) {
        want += kernel[k]! * signal[n - k]!;
      }
      worst = Math.max(worst, Math.abs(got[n]! - want));
    }
    expect(worst).toBeLessThan(1e-4);
  });

  it('makes nothing of nothing, and can be used again', () => {
    const convolver = new Convolver(noise(100, 3));
    expect(convolver.apply(new Float32Array(0)).length).toBe(0);
    expect([...convolver.apply(noise(500, 4))]).toEqual([...convolver.apply(noise(500, 4))]);
  });
});

describe('impulseResponse', () => {
  const random = new Random(11);
  const rooms = [0.2, 0.3, 0.6, 0.9].map((t60) => ({ t60, room: randomRoom(random, [t60, t60]) }));
  // Long and low: the sound along it lives longest.
  const room: Room = { sizeMetres: [8, 3, 2.5], microphone: [4, 1.5, 1], t60Seconds: 0.5 };

  it.each([...rooms, { t60: 0.5, room }])(
    'falls by 60 dB in $t60 s, the direct sound first',
    ({ t60, room }) => {
      const response = impulseResponse(room, randomPlace(random, room));
      const loudest = response.reduce(
        (best, x, i) => (Math.abs(x) > Math.abs(response[best]!) ? i : best),
        0,
      );
      expect(loudest).toBe(0);
      expect(response[0]).toBeCloseTo(1, 1);
      // Schroeder's backward integral: from -5 to -35 dB, twice.
      const energy = new Float64Array(response.length);
      for (let i = response.length - 1, sum = 0; i >= 0; i--) energy[i] = sum += response[i]! ** 2;
      const at = (db: number): number => energy.findIndex((e) => 10 * Math.log10(e / energy[0]!) <= db);
      const measured = (2 * (at(-35) - at(-5))) / 16_000;
      expect(measured).toBeGreaterThan(0.87 * t60);
      expect(measured).toBeLessThan(1.13 * t60);
    },
  );

  it('is another one in another place', () => {
    const { room } = rooms[0]!;
    const [a, b] = [randomPlace(random, room), randomPlace(random, room)];
    expect(impulseResponse(room, a)).not.toEqual(impulseResponse(room, b));
  });
});
