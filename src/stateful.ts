/**
 * A stage whose state can be carried to another one of the same options: `save` gives it as plain data (numbers, texts, typed
 * arrays, lists, maps), which may share parts with the stage until it is written; `load` takes it over.
 */
export interface Stateful {
  save(): unknown;
  load(state: unknown): void;
}

/** The stages of one stream, by name; those of a stream that is resumed go on from what was saved. */
export class Checkpoint {
  readonly #stages = new Map<string, Stateful>();
  readonly #saved: ReadonlyMap<string, unknown>;

  constructor(saved: ReadonlyMap<string, unknown> = new Map()) {
    this.#saved = saved;
  }

  /** This stage belongs to the stream. */
  add<Stage extends Stateful>(name: string, stage: Stage): Stage {
    if (this.#saved.has(name)) stage.load(this.#saved.get(name));
    this.#stages.set(name, stage);
    return stage;
  }

  save(): Map<string, unknown> {
    return new Map([...this.#stages].map(([name, stage]) => [name, stage.save()]));
  }
}
