import { DownMixer, type Channels } from '../../stream/down-mix.js';
import { toAudio, type SoundBlock } from '../../stream/condition.js';
import { createSource } from '../../stream/source.js';
import { SAMPLE_RATE_HZ, type AudioSource } from '../../stream/types.js';
import type { FromWorker, SourceHead, ToWorker } from '../messages.js';
import { fromWire } from '../wire-error.js';

type Answer = Extract<ToWorker, { kind: 'sound' | 'sound-end' | 'sound-failed' }>;

/** The page's sources, pulled block by block and brought to the one form inside the SDK, as those of Node are. */
export class PulledSounds {
  /** Who waits for a source's next block: one at most. */
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  constructor(private readonly post: (message: FromWorker) => void) {}

  /** The page's answer to a pull. */
  answer(message: Answer): void {
    const waiting = this.#waiting.get(message.source);
    this.#waiting.delete(message.source);
    waiting?.(message);
  }

  source({ id, live, audio, durationSeconds }: SourceHead): AudioSource {
    const facts: Channels = { audio };
    return createSource({
      live,
      durationSamples: () =>
        durationSeconds === undefined ? undefined : Math.round(durationSeconds * SAMPLE_RATE_HZ),
      channels: () => facts.channels,
      isMixed: () => facts.isMixed,
      open: () => toAudio(this.#blocks(id, facts)),
    });
  }

  async *#blocks(id: number, facts: Channels): AsyncGenerator<SoundBlock> {
    const mixer = new DownMixer(facts);
    let isOver = false;
    try {
      for (;;) {
        const answer = await this.#pull(id);
        if (answer.kind === 'sound') {
          const { planes, ...block } = answer.block;
          yield { ...block, planes: mixer.planes(planes, planes[0]?.length ?? 0) };
          continue;
        }
        isOver = true;
        if (answer.kind === 'sound-failed') throw fromWire(answer.error);
        return;
      }
    } finally {
      this.#waiting.delete(id);
      if (!isOver) this.post({ kind: 'close', source: id });
    }
  }

  #pull(id: number): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.post({ kind: 'pull', source: id });
    });
  }
}
