import type { Stateful } from '../stateful.js';
import type { AudioChunk, ChannelOf, OfChannel } from './types.js';

/** A chunk of one channel, or of several: `samples` is then their mean. */
export function chunkOf(startSample: number, planes: readonly Float32Array[]): AudioChunk {
  const [first] = planes;
  if (planes.length < 2) return { startSample, samples: first ?? new Float32Array(0) };
  return { startSample, samples: meanOf(planes), channels: planes };
}

/** The samples of a chunk from one to another (exclusive), as a view. */
export function cut({ startSample, samples, channels }: AudioChunk, from: number, to: number): AudioChunk {
  return {
    startSample: startSample + from,
    samples: samples.subarray(from, to),
    ...(channels && { channels: channels.map((channel) => channel.subarray(from, to)) }),
  };
}

/** The chunk of each channel. */
export function channelsOf({ startSample, samples, channels }: AudioChunk): (AudioChunk & OfChannel)[] {
  if (channels === undefined) return [{ startSample, samples }];
  return channels.map((own, index) => ({
    startSample,
    samples: own,
    channel: { index, count: channels.length },
  }));
}

/** A state for each channel of a stream, made when the channel is first met. */
export class PerChannel<State> {
  readonly #make: () => State;
  readonly #states = new Map<number, State>();

  constructor(make: () => State) {
    this.#make = make;
  }

  of(channel: ChannelOf | undefined): State {
    const index = channel?.index ?? 0;
    let state = this.#states.get(index);
    if (state === undefined) this.#states.set(index, (state = this.#make()));
    return state;
  }

  get all(): State[] {
    return [...this.#states.values()];
  }

  /** Of states that can be saved. */
  save(this: PerChannel<Stateful>): Map<number, unknown> {
    return new Map([...this.#states].map(([index, state]) => [index, state.save()]));
  }

  load(this: PerChannel<Stateful>, states: ReadonlyMap<number, unknown>): void {
    for (const [index, saved] of states) {
      const state = this.#make();
      state.load(saved);
      this.#states.set(index, state);
    }
  }
}

/** The same, of this channel. */
export function ofChannel<Item extends object>(item: Item, channel: ChannelOf | undefined): Item & OfChannel {
  return channel === undefined ? item : { ...item, channel };
}

/**
 * What comes of one channel after the other, as many items of each, by time instead: the first of each channel, then the second
 * of each. So the order does not depend on how the sound was cut.
 */
export class InStep<Item extends object> {
  readonly #held: (Item & OfChannel)[][] = [];

  /** @param items what one channel gave; channels come in turn */
  push(items: readonly Item[], channel: ChannelOf | undefined): (Item & OfChannel)[] {
    if (channel === undefined) return [...items];
    this.#held.push(items.map((item) => ofChannel(item, channel)));
    if (channel.index < channel.count - 1) return [];
    const all = this.#held.splice(0);
    return all[0]!.flatMap((_, i) => all.map((each) => each[i]!));
  }
}

function meanOf(planes: readonly Float32Array[]): Float32Array {
  return planes[0]!.map((_, i) => planes.reduce((sum, plane) => sum + plane[i]!, 0) / planes.length);
}
