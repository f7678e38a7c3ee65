import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { lastValueFrom, toArray } from 'rxjs';
import { fromSamples, type EnrollModel, type WindowSegmenter } from 'whospeaks';
import { Demand, embeddedWindows, LiveSegmentation, type EmbeddedWindow } from 'whospeaks/stages';

/** Values by key, in files of one folder, so that trackers can be run again in seconds. */
export class Cache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  async get<Value>(key: unknown, make: () => Promise<Value>): Promise<Value> {
    try {
      return deserialize(readFileSync(this.#path(key))) as Value;
    } catch {
      const value = await make();
      this.put(key, value);
      return value;
    }
  }

  put(key: unknown, value: unknown): void {
    const path = this.#path(key);
    const scratch = `${path}.${process.pid}`;
    writeFileSync(scratch, serialize(value));
    renameSync(scratch, path);
  }

  #path(key: unknown): string {
    return join(this.#folder, createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32));
  }
}

/** Fingerprint of what turns these sounds into embedded windows: of its answers, and not of its code. */
export async function frontEndFingerprint(
  model: EnrollModel,
  sounds: readonly Float32Array[],
): Promise<string> {
  const hash = createHash('sha256').update(model.fingerprint);
  for (const samples of sounds) {
    const answer = (await embedWindows(model, samples)).map(({ embedding, overlap, ...rest }) => ({
      ...rest,
      // Engines differ in the last digits.
      overlap: overlap && Math.round(overlap * 100),
      embedding: embedding && Int16Array.from(embedding, (x) => Math.round(x * 500)),
    }));
    hash.update(serialize(answer));
  }
  return hash.digest('hex');
}

/** Fingerprint of source files: of a script whose answers are kept. */
export function codeFingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (path.endsWith('.ts')) hash.update(path).update(readFileSync(path));
    else for (const name of readdirSync(path).sort()) add(join(path, name));
  };
  paths.forEach(add);
  return hash.digest('hex');
}

/** Windows as `identify` with a segmentation network has them. */
export async function segmentedWindows(
  segmenter: WindowSegmenter,
  samples: Float32Array,
  windows: readonly EmbeddedWindow[],
): Promise<EmbeddedWindow[]> {
  const live = new LiveSegmentation(segmenter, new Demand(1));
  const out: EmbeddedWindow[] = [];
  let pushed = 0;
  for (const window of windows) {
    live.push({ startSample: pushed, samples: samples.subarray(pushed, window.endSample) });
    pushed = Math.max(pushed, window.endSample);
    out.push({ ...window, segmented: await live.until(window.endSample) });
  }
  return out;
}

/** The live path of `identify` up to the tracker, at its defaults. */
export function embedWindows(model: EnrollModel, samples: Float32Array): Promise<EmbeddedWindow[]> {
  return lastValueFrom(embeddedWindows(fromSamples(samples), model).pipe(toArray()));
}
