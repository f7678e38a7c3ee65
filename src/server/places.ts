import type { Logger } from 'pino';
import { usableCores } from '../native/cpu-quota.js';
import type { WindowEmbedder } from '../native/index.js';
import { defaultThreads } from '../native/threads.js';
import { measureCapacity, RunningCapacity, type CapacityClocks } from './capacity.js';
import type { ServerConfig } from './config.js';

/** What a `SpeakerModel` tells beside the embedder's interface. */
interface Network extends WindowEmbedder {
  readonly engineName?: string;
  readonly windowMultiplyAdds?: number;
}

/** Places for streams: as configured, or measured at the start and while streams run. */
export class Places {
  readonly #fixed: number;
  readonly #running: RunningCapacity | null;
  readonly #clocks: CapacityClocks;
  readonly #logger: Logger;

  private constructor(
    fixed: number,
    running: RunningCapacity | null,
    clocks: CapacityClocks,
    logger: Logger,
  ) {
    this.#fixed = fixed;
    this.#running = running;
    this.#clocks = clocks;
    this.#logger = logger;
  }

  static async measure(
    { maxStreams, threads }: ServerConfig,
    model: Network,
    clocks: CapacityClocks,
    logger: Logger,
  ): Promise<Places> {
    if (maxStreams !== 'auto') return new Places(maxStreams, null, clocks, logger);
    const { engineName = 'cpu', windowMultiplyAdds } = model;
    const isOnCpu = engineName === 'cpu';
    const cores = Math.min(usableCores(), threads ?? defaultThreads());
    const { streams, warnings } = await measureCapacity(
      model,
      { cores, isOnCpu, windowMultiplyAdds },
      clocks,
    );
    for (const warning of warnings) logger.warn({ maxStreams: streams, cores }, warning);
    return new Places(streams, isOnCpu ? new RunningCapacity(streams, cores) : null, clocks, logger);
  }

  /** How many there are now. */
  get streams(): number {
    return this.#running?.streams ?? this.#fixed;
  }

  /** Call often. @param audioSeconds audio heard so far, of all streams */
  look(audioSeconds: number): void {
    const warning = this.#running?.look({ cpuMs: this.#clocks.cpuMs(), audioSeconds }, this.#clocks.nowMs());
    if (typeof warning === 'string') this.#logger.warn({ maxStreams: this.streams }, warning);
  }
}
