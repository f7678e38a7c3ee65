import type { FeatureWindow } from '../fbank/types.js';
import type { WindowEmbedding } from '../native/index.js';
import type { EnrollModel, ModelIdentity } from '../speakers/index.js';

/** Windows of recordings and enrolments that may be with the network at once, so that live ones never wait for many. */
const MAX_RECORDED = 4;

export interface NetworkObserver {
  /** One window came back, this long after it was asked for. */
  readonly onWindow: (seconds: number) => void;
  /** This many came back together. */
  readonly onBatch: (windows: number) => void;
}

/** A model as one stream sees it. */
export interface StreamNetwork {
  readonly model: EnrollModel;
  /** How long the stream's oldest window that is out has been waiting for its answer; 0 where none is. */
  readonly waitSeconds: () => number;
}

/** When each window that is out was asked for, the oldest first. */
class Waiting {
  readonly #asked = new Set<{ readonly atMs: number }>();

  add(atMs: number): () => void {
    const asked = { atMs };
    this.#asked.add(asked);
    return () => {
      this.#asked.delete(asked);
    };
  }

  seconds(nowMs: number): number {
    const [oldest] = this.#asked;
    return oldest === undefined ? 0 : (nowMs - oldest.atMs) / 1000;
  }
}

/**
 * The one model that all streams share. Its engine joins the windows that wait into batches; here recordings stand
 * back behind live streams, and what happens is measured.
 */
export class SharedNetwork {
  readonly #model: EnrollModel;
  readonly #observer: NetworkObserver;
  readonly #nowMs: () => number;
  readonly #live = new Waiting();
  #outstanding = 0;
  #recorded = 0;
  #waiting: (() => void)[] = [];
  #cameBack = 0;

  constructor(model: EnrollModel, observer: NetworkObserver, nowMs: () => number) {
    this.#model = model;
    this.#observer = observer;
    this.#nowMs = nowMs;
  }

  get outstanding(): number {
    return this.#outstanding + this.#waiting.length;
  }

  /** How far the network is behind: the wait of the oldest window of any live stream. */
  get liveWaitSeconds(): number {
    return this.#live.seconds(this.#nowMs());
  }

  get identity(): ModelIdentity {
    const { name, fingerprint, calibration, scoring, cohort } = this.#model;
    return { name, fingerprint, calibration, scoring, cohort };
  }

  forStream(live: boolean): StreamNetwork {
    const own = new Waiting();
    const embedWindow = async (window: FeatureWindow): Promise<WindowEmbedding> => {
      const atMs = this.#nowMs();
      const done = [own.add(atMs), ...(live ? [this.#live.add(atMs)] : [])];
      try {
        return live ? await this.#embed(window) : await this.#inTurn(window);
      } finally {
        for (const forget of done) forget();
      }
    };
    return {
      model: { ...this.identity, embedWindow },
      waitSeconds: () => own.seconds(this.#nowMs()),
    };
  }

  async #inTurn(window: FeatureWindow): Promise<WindowEmbedding> {
    if (this.#recorded >= MAX_RECORDED) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#recorded += 1;
    try {
      return await this.#embed(window);
    } finally {
      // The place goes to whoever waits longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#recorded -= 1;
      else next();
    }
  }

  async #embed(window: FeatureWindow): Promise<WindowEmbedding> {
    const startMs = this.#nowMs();
    this.#outstanding += 1;
    try {
      return await this.#model.embedWindow(window);
    } finally {
      this.#outstanding -= 1;
      this.#observer.onWindow((this.#nowMs() - startMs) / 1000);
      this.#countBatch();
    }
  }

  /** Answers of one batch come in one turn of the event loop. */
  #countBatch(): void {
    this.#cameBack += 1;
    if (this.#cameBack > 1) return;
    setImmediate(() => {
      this.#observer.onBatch(this.#cameBack);
      this.#cameBack = 0;
    });
  }
}
