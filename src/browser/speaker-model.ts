import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import type { Calibration } from '../model/types.js';
import { bundledAssets, type AssetUrls } from './assets.js';
import type { ModelFacts } from './messages.js';
import { WorkerLink } from './worker-link.js';

const schema = z.strictObject({
  model: z.union([z.string().min(1), z.instanceof(URL)]).optional(),
  assets: z.custom<Partial<AssetUrls>>((value) => typeof value === 'object' && value !== null).optional(),
});

export interface LoadOptions {
  /**
   * URL of a WeSpeaker ResNet in safetensors, with a `config.json` beside it that may name a cohort and an overlap readout;
   * default the bundled one.
   */
  readonly model?: string | URL | undefined;
  /** Where files lie that the bundler has put elsewhere; see `assetsIn`. */
  readonly assets?: Partial<AssetUrls> | undefined;
}

/** @throws {WhospeaksError} `invalid-option` */
function absoluteUrl(option: string, url: string | URL): string {
  try {
    return new URL(url, globalThis.location.href).href;
  } catch (cause) {
    throw new WhospeaksError(
      'invalid-option',
      `SpeakerModel.fromPretrained: ${option}: expected an address, received ${String(url)}`,
      { cause },
    );
  }
}

/** The worker of a model, for the functions of this folder alone. */
const links = new WeakMap<SpeakerModel, WorkerLink>();

export function linkOf(model: SpeakerModel): WorkerLink {
  return links.get(model)!;
}

/**
 * A speaker embedding network in a Web Worker of its own, which also runs the streams that use it. Load one for the whole page;
 * a second one is for a second core.
 */
export class SpeakerModel {
  readonly name: string;
  readonly fingerprint: string;
  /** Numbers in an embedding. */
  readonly dimension: number;
  readonly calibration: Calibration | undefined;
  /**
   * What it computes on: `wasm-relaxed, 1 thread`; `wasm, 1 thread` where the browser has no relaxed vectors; `scalar, 1 thread`
   * where it has no vectors: some six times slower.
   */
  readonly device: string;

  private constructor({ name, fingerprint, dimension, calibration, device }: ModelFacts) {
    this.name = name;
    this.fingerprint = fingerprint;
    this.dimension = dimension;
    this.calibration = calibration;
    this.device = device;
  }

  /**
   * Starts the worker, and loads the core and the network there. Rejects with `addon-missing` (the core cannot be loaded),
   * `engine-unavailable` (the browser has no WebAssembly), a `model-*` code, `engine-failed` (the worker cannot be loaded) or
   * `invalid-option`.
   */
  static async fromPretrained(options?: LoadOptions): Promise<SpeakerModel> {
    const { model, assets } = parseOptions('SpeakerModel.fromPretrained', schema, options);
    const urls = { ...bundledAssets(), worker: '', ...assets };
    const absolute = Object.fromEntries(
      Object.entries(urls).map(([name, url]) => [name, absoluteUrl(`assets.${name}`, url)]),
    ) as unknown as AssetUrls;
    const url = model === undefined ? undefined : absoluteUrl('model', model);
    const link = new WorkerLink(assets?.worker);
    try {
      const { answer } = link.call('load', { assets: absolute, model: url });
      const loaded = new SpeakerModel(await answer);
      links.set(loaded, link);
      return loaded;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /**
   * One embedding of a whole mono recording of one voice, -1 to 1, at least 0.5 s: `dimension` numbers, L2-normalised. Rejects as
   * in Node.
   */
  embed(samples: Float32Array, sampleRateHz: number): Promise<Float32Array> {
    return linkOf(this).call('embed', { samples, sampleRateHz }).answer;
  }

  /** Ends the worker; streams and calls that run end with `engine-closed`. */
  close(): void {
    linkOf(this).close();
  }
}

/** Of an option that is one. */
export const browserModelSchema = z.custom<SpeakerModel>(
  (value) => value instanceof SpeakerModel,
  'expected a SpeakerModel of whospeaks/browser',
);
