import { randomNumbers } from '../random.js';

export interface Signal {
  readonly name: string;
  readonly samples: Float32Array;
}

const ONE_SECOND = 16_000;

function make(name: string, sample: (i: number) => number, length = ONE_SECOND): Signal {
  return { name, samples: Float32Array.from({ length }, (_, i) => sample(i)) };
}

/** Buzz through three formant-like resonances with a slow pitch and level drift: speech enough for a front end. */
export function voice(seconds: number, pitchHz: number, level = 0.3, seed = 7): Float32Array {
  const random = randomNumbers(seed);
  const length = Math.round(seconds * ONE_SECOND);
  const resonances = [
    [520, 90],
    [1500, 120],
    [2600, 180],
  ].map(([hz, bandwidth]) => {
    const r = Math.exp((-Math.PI * bandwidth!) / ONE_SECOND);
    return { a: 2 * r * Math.cos((2 * Math.PI * hz!) / ONE_SECOND), b: -r * r, y1: 0, y2: 0 };
  });
  let phase = 0;
  const out = Float32Array.from({ length }, (_, i) => {
    phase += (pitchHz * (1 + 0.1 * Math.sin((2 * Math.PI * 3 * i) / ONE_SECOND))) / ONE_SECOND;
    let x = phase >= 1 ? 1 : 0;
    phase %= 1;
    x += 0.01 * (random() - 0.5);
    for (const f of resonances) {
      const y = x + f.a * f.y1 + f.b * f.y2;
      f.y2 = f.y1;
      f.y1 = y;
      x = y * 0.3;
    }
    return x * (0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * i) / ONE_SECOND));
  });
  const peak = out.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  return out.map((v) => (v / peak) * level);
}

/** Ordinary and adversarial signals for a front end. */
export function signals(): Signal[] {
  const random = randomNumbers(1);
  const noise = (level: number) => () => level * (2 * random() - 1);
  const sine = (hz: number, level: number) => (i: number) =>
    level * Math.sin((2 * Math.PI * hz * i) / ONE_SECOND);
  const square = (period: number, level: number) => (i: number) => (i % period < period / 2 ? level : -level);
  return [
    { name: 'voice', samples: voice(3, 120) },
    { name: 'voice at -60 dBFS', samples: voice(1, 210, 1e-3) },
    make('noise, full scale', noise(1)),
    make('noise, 16-bit steps of 1', () => Math.round(2 * random() - 1) / 32768),
    make('noise 1e-6', noise(1e-6)),
    make('noise 1e-9', noise(1e-9)),
    make('silence', () => 0),
    make('DC 1', () => 1),
    make('DC -1', () => -1),
    ...[0.1, 0.2, 0.3, 0.7, -0.9, 1e-3, 1 / 3].map((level) => make(`DC ${level.toFixed(4)}`, () => level)),
    make('DC 0.3 and noise 1e-5', () => 0.3 + 1e-5 * (2 * random() - 1)),
    make('full-scale sine 440 Hz', sine(440, 1)),
    make('full-scale sine 1000 Hz', sine(1000, 1)),
    make('full-scale sine 31.25 Hz', sine(31.25, 1)),
    make('full-scale sine 7999 Hz', sine(7999, 1)),
    make('full-scale square, period 16', square(16, 1)),
    make('full-scale square, period 2', square(2, 1)),
    make('full-scale square, period 400', square(400, 1)),
    make('clipped sine', (i) => Math.max(-1, Math.min(1, sine(300, 4)(i)))),
    make('clicks', (i) => (i % 1000 === 0 ? 1 : 0)),
    make('one click', (i) => (i === 8000 ? -1 : 0)),
    make('step', (i) => (i < 8000 ? 0 : 1)),
    make('over full scale', noise(8)),
    make('one sample short of a frame', noise(0.5), 399),
    make('one frame', noise(0.5), 400),
    make('one sample short of two frames', noise(0.5), 559),
    make('two frames', noise(0.5), 560),
    make('nothing', () => 0, 0),
  ];
}
