import { UNKNOWN } from '../events/events.js';
import type { Evidence } from '../scoring/voice.js';

/** A voice without a settled turn, and the label that is kept for it. */
export interface NewVoice {
  readonly evidence: Evidence;
  readonly label: string;
}

interface LabelsState {
  readonly count: number;
  readonly retired: ReadonlySet<number>;
  readonly reserved: ReadonlyMap<number, NewVoice[]>;
}

/** The labels of a stream's unknown speakers: each is one speaker's for ever. */
export class Labels {
  /** Labels up to this number were given away. */
  #count = 0;
  /** Greater numbers that no voice gets. */
  readonly #retired = new Set<number>();
  /** New voices of the turns in progress, by channel: none gets the label that another was told under. */
  readonly #reserved = new Map<number, NewVoice[]>();

  /** New voices of all channels. */
  get newVoices(): NewVoice[] {
    return [...this.#reserved.values()].flat();
  }

  reserve(channel: number, voice: NewVoice): void {
    this.#reserved.set(channel, [...(this.#reserved.get(channel) ?? []), voice]);
  }

  /** The turns of a channel are looked at again, or settled. */
  release(channel: number): void {
    this.#reserved.delete(channel);
  }

  /** The label of the next voice. */
  next(): string {
    const taken = new Set(this.newVoices.map(({ label }) => label));
    let number = this.#count + 1;
    while (this.#retired.has(number) || taken.has(labelOf(number))) number++;
    return labelOf(number);
  }

  save(): LabelsState {
    return { count: this.#count, retired: this.#retired, reserved: this.#reserved };
  }

  load({ count, retired, reserved }: LabelsState): void {
    this.#count = count;
    for (const number of retired) this.#retired.add(number);
    for (const [channel, voices] of reserved) this.#reserved.set(channel, voices);
  }

  /** A voice is called so, or was: no other one is. */
  retire(label: string): void {
    const number = numberOf(label);
    if (number > this.#count) this.#retired.add(number);
    while (this.#retired.delete(this.#count + 1)) this.#count++;
  }
}

/** Infinity where an unknown speaker has no number. */
export function numberOf(label: string): number {
  return label === UNKNOWN ? Infinity : Number(label.slice(UNKNOWN.length + 1));
}

function labelOf(number: number): string {
  return `${UNKNOWN}-${number}`;
}
