import type { Random } from './random.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

const SOUND_METRES_PER_SECOND = 343;
/** Half the width of the interpolation with which a reflection is put between two samples. */
const SINC_HALF_WIDTH = 8;
/** Nobody stands nearer to a wall, metres. */
const WALL_DISTANCE_METRES = 0.5;

export type Point = readonly [x: number, y: number, z: number];

/** A rectangular room with one microphone. */
export interface Room {
  readonly sizeMetres: Point;
  readonly microphone: Point;
  /** Time in which the sound of the room falls by 60 dB, as its fall from 5 to 35 dB tells. */
  readonly t60Seconds: number;
}

/** A room of 4 to 8 by 3 to 6 by 2.5 to 3.2 m with a reverberation time within `t60Seconds`. */
export function randomRoom(random: Random, t60Seconds: readonly [low: number, high: number]): Room {
  const sizeMetres: Point = [random.between(4, 8), random.between(3, 6), random.between(2.5, 3.2)];
  const microphone: Point = [
    sizeMetres[0] * random.between(0.35, 0.65),
    sizeMetres[1] * random.between(0.35, 0.65),
    random.between(0.75, 1.2),
  ];
  return { sizeMetres, microphone, t60Seconds: random.between(...t60Seconds) };
}

/** A place for somebody's mouth: 0.6 to 2.5 m from the microphone. */
export function randomPlace(random: Random, { sizeMetres, microphone }: Room): Point {
  for (;;) {
    const place: Point = [
      random.between(WALL_DISTANCE_METRES, sizeMetres[0] - WALL_DISTANCE_METRES),
      random.between(WALL_DISTANCE_METRES, sizeMetres[1] - WALL_DISTANCE_METRES),
      random.between(1.0, 1.7),
    ];
    const metres = distance(place, microphone);
    if (metres >= 0.6 && metres <= 2.5) return place;
  }
}

/**
 * What the microphone hears of a click at `place`, 16 kHz: mirror images of the source (Allen and Berkley
 * 1979, doi 10.1121/1.382599) up to the reverberation time, each put between the samples by a windowed sinc
 * (Peterson 1986). The walls absorb alike, and as the reverberation time asks. The direct
 * sound has amplitude 1 and arrives at sample 0, so that times in a reference stay exact; what lies below
 * 50 Hz, which the method exaggerates, is taken out.
 */
export function impulseResponse({ sizeMetres, microphone, t60Seconds }: Room, place: Point): Float32Array {
  const [lx, ly, lz] = sizeMetres;
  const reflection = reflectionOf(sizeMetres, t60Seconds);
  const direct = distance(place, microphone);
  const length = Math.ceil(t60Seconds * SAMPLE_RATE_HZ);
  const response = new Float32Array(length + 2 * SINC_HALF_WIDTH);
  const reach = direct + t60Seconds * SOUND_METRES_PER_SECOND;
  const alongX = images(lx, place[0], microphone[0], reach);
  const alongY = images(ly, place[1], microphone[1], reach);
  const alongZ = images(lz, place[2], microphone[2], reach);
  const most = [alongX, alongY, alongZ].reduce((sum, list) => sum + mostBounces(list), 0);
  const decay = Float64Array.from({ length: most + 1 }, (_, bounces) => reflection ** bounces);
  for (const x of alongX) {
    for (const y of alongY) {
      const plane = x.squared + y.squared;
      if (plane > reach * reach) continue;
      for (const z of alongZ) {
        const metres = Math.sqrt(plane + z.squared);
        const delay = ((metres - direct) / SOUND_METRES_PER_SECOND) * SAMPLE_RATE_HZ;
        if (delay >= length) continue;
        const kept = decay[x.bounces + y.bounces + z.bounces]!;
        addPulse(response, delay, (direct / metres) * kept);
      }
    }
  }
  return withoutRumble(response.subarray(SINC_HALF_WIDTH, SINC_HALF_WIDTH + length));
}

/** Steps of the angles over which the directions of a room's sound are averaged. */
const ANGLES = 32;
/** The reverberation time is twice the time of the fall from 5 to 35 dB below all (ISO 3382's T30). */
const FALL_DB = [5, 35] as const;

/**
 * What a wall leaves of a sound's amplitude where mirror images are to fall by 60 dB in `t60Seconds`. In a room of plane
 * walls the sound along its length lives longest, so that Eyring's formula, for sound that is mixed at every wall, makes the time
 * a fifth to a half too long. Here the fall is summed over directions instead (Lehmann and Johansson 2008, doi
 * 10.1121/1.2936367): a sound in direction u meets c (|u_x| / l_x + |u_y| / l_y + |u_z| / l_z) walls a second.
 */
function reflectionOf([lx, ly, lz]: Point, t60Seconds: number): number {
  const rates: number[] = [];
  for (let i = 0; i < ANGLES; i++) {
    const z = (i + 0.5) / ANGLES;
    const across = Math.sqrt(1 - z * z);
    for (let k = 0; k < ANGLES; k++) {
      const angle = ((k + 0.5) / ANGLES) * (Math.PI / 2);
      const walls = (across * Math.cos(angle)) / lx + (across * Math.sin(angle)) / ly + z / lz;
      rates.push(SOUND_METRES_PER_SECOND * walls);
    }
  }
  // With walls that leave 1/e of the energy.
  const [from, to] = FALL_DB.map((db) => fallTime(rates, db)) as [number, number];
  const nepers = (2 * (to - from)) / t60Seconds;
  return Math.exp(-nepers / 2);
}

/** When what is left of sums of exponentials, after that time, is so many dB below all. By bisection. */
function fallTime(rates: readonly number[], db: number): number {
  const left = (seconds: number): number =>
    rates.reduce((sum, rate) => sum + Math.exp(-rate * seconds) / rate, 0);
  const wanted = left(0) * 10 ** (-db / 10);
  let [low, high] = [0, 10];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (left(middle) > wanted) low = middle;
    else high = middle;
  }
  return high;
}

interface Image {
  /** Square of the distance along this axis, m². */
  readonly squared: number;
  readonly bounces: number;
}

function mostBounces(list: readonly Image[]): number {
  return list.reduce((most, { bounces }) => Math.max(most, bounces), 0);
}

/** Images along one axis: at 2 n L +- s, having met the two walls |2 n| or |2 n - 1| times. */
function images(length: number, source: number, microphone: number, reach: number): Image[] {
  const most = Math.ceil(reach / (2 * length)) + 1;
  const out: Image[] = [];
  for (let n = -most; n <= most; n++) {
    for (const side of [1, -1] as const) {
      const metres = 2 * n * length + side * source - microphone;
      if (Math.abs(metres) > reach) continue;
      out.push({ squared: metres * metres, bounces: side === 1 ? Math.abs(2 * n) : Math.abs(2 * n - 1) });
    }
  }
  return out;
}

/** Positions between two samples that are told apart. */
const PHASES = 64;

/**
 * PHASES + 1 rows of taps: row p is a pulse p / PHASES of a sample late, a sinc under a Hann window, from
 * SINC_HALF_WIDTH - 1 samples before the whole sample to SINC_HALF_WIDTH after it.
 */
const PULSES = Array.from({ length: PHASES + 1 }, (_, phase) =>
  Float64Array.from({ length: 2 * SINC_HALF_WIDTH }, (_, i) => {
    const t = i - (SINC_HALF_WIDTH - 1) - phase / PHASES;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * t) / SINC_HALF_WIDTH));
  }),
);

/** A band-limited pulse at `delay` (samples, counted from index SINC_HALF_WIDTH). */
function addPulse(response: Float32Array, delay: number, amplitude: number): void {
  const whole = Math.floor(delay);
  const taps = PULSES[Math.round((delay - whole) * PHASES)]!;
  const from = whole + 1;
  for (let i = 0; i < taps.length; i++) response[from + i]! += amplitude * taps[i]!;
}

/** One-pole high-pass at 50 Hz. */
function withoutRumble(response: Float32Array): Float32Array {
  const pole = 1 - (2 * Math.PI * 50) / SAMPLE_RATE_HZ;
  const out = new Float32Array(response.length);
  let before = 0;
  let last = 0;
  response.forEach((x, i) => {
    last = pole * last + x - before;
    before = x;
    out[i] = last;
  });
  return out;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
