import type { Evidence } from '../scoring/voice.js';

/** A voice without a settled turn, and the label that is kept for it. */
export interface NewVoice {
  readonly evidence: Evidence;
  readonly label: string;
}

/** New voices of the turns in progress, of all channels: none gets the label that another was told under. */
export class NewVoices {
  readonly #byChannel = new Map<number, NewVoice[]>();

  /** All of them. */
  get all(): NewVoice[] {
    return [...this.#byChannel.values()].flat();
  }

  get labels(): ReadonlySet<string> {
    return new Set(this.all.map(({ label }) => label));
  }

  add(channel: number, voice: NewVoice): void {
    const own = this.#byChannel.get(channel);
    if (own === undefined) this.#byChannel.set(channel, [voice]);
    else own.push(voice);
  }

  /** The turns of a channel are looked at again, or settled. */
  forget(channel: number): void {
    this.#byChannel.delete(channel);
  }
}
