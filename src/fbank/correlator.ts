import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** Samples that are summed to one: voices have most of their power below 2 kHz, and it is sixteen times less work. */
const STEP = 4;
/** How late the sound may come on the channel that is explained, and how early, ms. */
const MOST_LATE_MS = 40;
const MOST_EARLY_MS = 4;
/** The past counts for this long, ms: less follows faster, more is surer. */
const MEMORY_MS = 120;
/** Flattens the spectrum of speech, so that pitch alone does not make two voices alike. */
const EMPHASIS = 0.95;
/** What is left of a constant offset after this long, ms, is a third: offsets of two channels would explain each other. */
const OFFSET_MS = 100;

const toSteps = (ms: number): number => Math.round((ms * SAMPLE_RATE_HZ) / STEP / 1000);
const OFFSET_SHARE = 1 / toSteps(OFFSET_MS);

type Five = [number, number, number, number, number];

interface CorrelatorState {
  readonly products: Float64Array;
  readonly other: Float32Array;
  readonly own: Float32Array;
  readonly numbers: readonly number[];
}

/**
 * How much of one channel's power is the sound of another one, scaled and some time later: the largest squared correlation
 * coefficient over the delays, of the recent past.
 */
export class Correlator {
  readonly #early = toSteps(MOST_EARLY_MS);
  readonly #lags = toSteps(MOST_EARLY_MS + MOST_LATE_MS) + 1;
  /** By delay, from the earliest on. */
  readonly #products = new Float64Array(this.#lags);
  /** The other channel's recent steps, up to now; the listening channel's last ones, which wait for what may come early. */
  #other = new Float32Array(this.#lags - 1);
  #own = new Float32Array(this.#early);
  /** Steps heard so far, up to what the memory holds: of less, the best of many delays explains some by chance. */
  #heard = 0;
  #ownPower = 0;
  #otherPower = 0;
  #lastOwn = 0;
  #lastOther = 0;
  #offsetOwn = 0;
  #offsetOther = 0;

  /** @param own of the channel that may be explained; @param other of the channel that may explain it, as many samples */
  push(own: Float32Array, other: Float32Array): void {
    const steps = own.length / STEP;
    const keep = Math.exp((-steps * STEP * 1000) / SAMPLE_RATE_HZ / MEMORY_MS);
    const [ownNew, otherNew] = [new Float32Array(steps), new Float32Array(steps)];
    for (let n = 0; n < steps; n++) {
      const x = stepOf(own, n) - this.#offsetOwn;
      const y = stepOf(other, n) - this.#offsetOther;
      this.#offsetOwn += OFFSET_SHARE * x;
      this.#offsetOther += OFFSET_SHARE * y;
      ownNew[n] = x - EMPHASIS * this.#lastOwn;
      otherNew[n] = y - EMPHASIS * this.#lastOther;
      this.#lastOwn = x;
      this.#lastOther = y;
    }
    const others = joined(this.#other, otherNew);
    const owns = joined(this.#own, ownNew);
    this.#other = others.slice(steps);
    this.#own = owns.slice(steps);
    this.#heard = Math.min(toSteps(MEMORY_MS), this.#heard + steps);
    let power = 0;
    for (let n = 0; n < steps; n++) power += owns[n]! * owns[n]!;
    this.#ownPower = keep * this.#ownPower + power;
    power = 0;
    const middle = this.#lags - 1 - this.#early;
    for (let n = 0; n < steps; n++) power += others[middle + n]! * others[middle + n]!;
    this.#otherPower = keep * this.#otherPower + power;
    for (let lag = 0; lag < this.#lags; lag++) {
      const from = this.#lags - 1 - lag;
      let sum = 0;
      for (let n = 0; n < steps; n++) sum += owns[n]! * others[from + n]!;
      this.#products[lag] = keep * this.#products[lag]! + sum;
    }
  }

  /** `share` of the power, 0 to 1; `ratio`: power of the other channel over this one's. */
  explained(): { readonly share: number; readonly ratio: number } {
    let best = 0;
    for (const product of this.#products) best = Math.max(best, product * product);
    const both = this.#ownPower * this.#otherPower;
    return {
      share: both > 0 && this.#heard === toSteps(MEMORY_MS) ? Math.min(1, best / both) : 0,
      ratio: this.#ownPower > 0 ? this.#otherPower / this.#ownPower : 0,
    };
  }

  save(): CorrelatorState {
    return {
      products: this.#products,
      other: this.#other,
      own: this.#own,
      numbers: [
        ...[this.#heard, this.#ownPower, this.#otherPower, this.#lastOwn, this.#lastOther],
        ...[this.#offsetOwn, this.#offsetOther],
      ],
    };
  }

  load({ products, other, own, numbers }: CorrelatorState): void {
    this.#products.set(products);
    this.#other = other.slice();
    this.#own = own.slice();
    [this.#heard, this.#ownPower, this.#otherPower, this.#lastOwn, this.#lastOther] = numbers as Five;
    [this.#offsetOwn, this.#offsetOther] = numbers.slice(5) as [number, number];
  }

  reset(): void {
    this.#products.fill(0);
    this.#other.fill(0);
    this.#own.fill(0);
    this.#heard = this.#ownPower = this.#otherPower = this.#lastOwn = this.#lastOther = 0;
    this.#offsetOwn = this.#offsetOther = 0;
  }
}

function stepOf(sound: Float32Array, n: number): number {
  let sum = 0;
  for (let k = n * STEP; k < (n + 1) * STEP; k++) sum += sound[k]!;
  return sum;
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
