import { Random, type Utterance } from '../../../src/evaluate/index.js';

/** A hum with silence at its two ends, and a pause of `pauseSeconds` in its middle. */
export function utterance(speaker: string, seconds: number, hz: number, pauseSeconds = 0): Utterance {
  const rate = 16_000;
  const samples = new Float32Array(Math.round((seconds + 0.4) * rate));
  const begin = 0.2 * rate;
  const middle = begin + (seconds * rate) / 2;
  for (let i = begin; i < begin + seconds * rate; i++) {
    if (Math.abs(i - middle) < (pauseSeconds * rate) / 2) continue;
    samples[i] = 0.1 * Math.sin((2 * Math.PI * hz * i) / rate);
  }
  return { speaker, name: `${speaker}-${seconds}`, samples };
}

/** Three people with six utterances each. */
export function people(): Utterance[] {
  const random = new Random(7);
  return ['ann', 'ben', 'cat'].flatMap((speaker, k) =>
    Array.from({ length: 6 }, () =>
      utterance(speaker, Math.round(random.between(20, 50)) / 10, 200 + 150 * k),
    ),
  );
}
