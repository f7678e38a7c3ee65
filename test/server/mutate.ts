import { encodeAudioMessage } from '../../src/protocol/index.js';
import { Mutator, NASTY } from '../mutator.js';

/** A message of either kind, as it would come out of a socket. */
export type Raw = string | Uint8Array;

const FIELDS = [
  'type',
  'version',
  'encoding',
  'sampleRateHz',
  'channels',
  'live',
  'group',
  'latencySeconds',
  'framing',
  'resume',
  'session',
  'token',
  'lastEvent',
  'messages',
  'label',
  'speaker',
  'save',
  'event',
  'sequence',
  'words',
  'final',
  '__proto__',
  'constructor',
];

/** Makes messages: well-formed ones in some state of a session, and mutations of them. */
export class MessageMutator extends Mutator {
  hello(): Record<string, unknown> {
    return {
      type: 'hello',
      version: 1,
      encoding: this.pick(['s16le', 'f32le', 'mulaw', 'alaw']),
      sampleRateHz: this.chance(0.9) ? 16_000 : this.pick([8000, 44_100, 48_000]),
      channels: this.pick([1, 1, 2, 8]),
      live: this.chance(0.5),
      framing: this.chance(0.8) ? 'sequenced' : 'raw',
      words: this.chance(0.5),
    };
  }

  control(lastEvent: number, sequence: number, nextWords: number): Record<string, unknown> {
    return this.pick([
      { type: 'end', messages: sequence },
      { type: 'name', label: `unknown-${this.int(3)}`, speaker: `voice ${this.int(1000)}`, save: false },
      { type: 'received', event: lastEvent },
      this.words(nextWords),
      this.hello(),
    ]);
  }

  /** Words of a recogniser, most of them such as it may tell. */
  words(sequence: number): Record<string, unknown> {
    let start = this.int(20);
    const words = Array.from({ length: this.int(this.chance(0.05) ? 150 : 6) }, () => {
      start += this.int(1000) / 2000;
      return { text: this.pick(['a', 'word', '\u4e00', ' ']), start, end: start + this.int(100) / 100 };
    });
    return { type: 'words', sequence, final: this.chance(0.5), words };
  }

  /** In order, and strange inside: any samples, any length that is a whole number of frames. */
  audio(sequence: number, mostBytes: number): Uint8Array {
    const payload = new Uint8Array(16 * (1 + this.int(mostBytes / 16)));
    if (payload.length < 1000) for (let i = 0; i < payload.length; i += 4) payload[i] = this.int(256);
    return encodeAudioMessage({
      sequence,
      skippedFrames: this.chance(0.002) ? this.int(2 ** 32) : 0,
      payload,
    });
  }

  /** One to three faults in a message. */
  mutate(message: Raw | Record<string, unknown>): Raw {
    if (typeof message === 'object' && !(message instanceof Uint8Array)) {
      return this.chance(0.7) ? this.#fields(message) : this.text(JSON.stringify(message));
    }
    return typeof message === 'string' ? this.text(message) : this.bytes(message);
  }

  #fields(message: Record<string, unknown>): string {
    const mutant = { ...message };
    for (let i = 1 + this.int(2); i > 0; i--) {
      const field = this.chance(0.7) ? this.pick(Object.keys(message)) : this.pick(FIELDS);
      if (this.chance(0.2)) Reflect.deleteProperty(mutant, field);
      else
        Object.defineProperty(mutant, field, {
          value: this.pick(NASTY),
          enumerable: true,
          configurable: true,
        });
    }
    return JSON.stringify(mutant);
  }
}
