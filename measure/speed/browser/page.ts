/** The page of the browser benchmark: what main.ts calls. */
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import {
  assetsIn,
  diarize,
  enroll,
  fromSamples,
  identify,
  SpeakerModel,
  type Profile,
  type SoundSource,
} from 'whospeaks/browser';
import type { NetworkTask, NetworkTimes } from './worker.js';

let model: SpeakerModel;
let speakers: Profile[] = [];
const sounds = new Map<string, Float32Array>();

async function sound(name: string): Promise<Float32Array> {
  const known = sounds.get(name);
  if (known !== undefined) return known;
  const bytes = await (await fetch(`/audio/${name}.wav`)).arrayBuffer();
  const samples = Float32Array.from(new Int16Array(bytes.slice(44)), (value) => value / 32_768);
  sounds.set(name, samples);
  return samples;
}

/** A piece of a recording that begins anew at its end. */
function pieceOf(samples: Float32Array, at: number, length: number): Float32Array {
  const piece = new Float32Array(length);
  const from = at % samples.length;
  piece.set(samples.subarray(from, from + length));
  const taken = Math.min(length, samples.length - from);
  piece.set(samples.subarray(0, length - taken), taken);
  return piece;
}

/** A recording over and over, for `seconds`; at the pace of a clock where it is live. */
function repeated(samples: Float32Array, seconds: number, rateHz: number, live: boolean): SoundSource {
  return {
    live,
    durationSeconds: seconds,
    async *open() {
      const piece = live ? rateHz / 10 : rateHz;
      const startMs = performance.now();
      for (let at = 0; at < seconds * rateHz; at += piece) {
        if (live) {
          const waitMs = startMs + ((at + piece) * 1000) / rateHz - performance.now();
          if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        }
        yield { rateHz, planes: [pieceOf(samples, at, piece)] };
      }
    },
  };
}

/** Between two looks at whether the page's thread is free, ms: often enough to meet a pause, seldom enough to cost nothing. */
const LOOK_MS = 50;

/** Longest that the page's thread was held, ms: what a message to itself waited. */
async function longestHeld<T>(work: Promise<T>): Promise<{ result: T; heldMs: number }> {
  const { port1, port2 } = new MessageChannel();
  let heldMs = 0;
  let over = false;
  let sentMs = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    heldMs = Math.max(heldMs, now - sentMs);
    if (over) return;
    setTimeout(() => {
      sentMs = performance.now();
      port2.postMessage(null);
    }, LOOK_MS);
  };
  port2.postMessage(null);
  const result = await work;
  over = true;
  return { result, heldMs };
}

const bench = {
  async load(): Promise<{ device: string; ms: number }> {
    const start = performance.now();
    model = await SpeakerModel.fromPretrained({ assets: assetsIn('/assets') });
    return { device: model.device, ms: performance.now() - start };
  },
  networks(repeats: number): Promise<NetworkTimes> {
    return new Promise((resolve, reject) => {
      const worker = new Worker('/networks.js', { type: 'module' });
      worker.onmessage = ({ data }: MessageEvent<NetworkTimes | string>) => {
        worker.terminate();
        if (typeof data === 'string') reject(new Error(data));
        else resolve(data);
      };
      worker.onerror = ({ message }) => {
        reject(new Error(message));
      };
      void (async () => {
        const task = (await (await fetch('/task.json')).json()) as {
          model: NetworkTask['model'] & { tensors: [string, { shape: number[]; data: number[] }][] };
          frames: number;
          features: number[];
        };
        const tensors = new Map(
          (task.model.tensors as unknown as [string, { shape: number[]; data: number[] }][]).map(
            ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }],
          ),
        );
        const onnx = new Uint8Array(await (await fetch('/model.onnx')).arrayBuffer());
        const { wasmRelaxed, wasm, wasmScalar } = assetsIn('/assets');
        const sent: NetworkTask = {
          assets: { wasmRelaxed, wasm, wasmScalar },
          ortFolder: new URL('/ort/', location.href).href,
          model: { ...task.model, tensors },
          onnx,
          features: Float32Array.from(task.features),
          frames: task.frames,
          repeats,
        };
        worker.postMessage(sent);
      })().catch(reject);
    });
  },
  /** Ms to enrol 10 s of one speaker. */
  async enroll(): Promise<number> {
    const samples = (await sound('alice')).slice(0, 160_000);
    const start = performance.now();
    speakers = [await enroll(model, { name: 'alice', sources: [fromSamples(samples, 16_000)] })];
    return performance.now() - start;
  },
  /** Ms for a recording, and the longest that the page's thread was held. */
  async file(seconds: number): Promise<{ ms: number; heldMs: number; events: number }> {
    const source = repeated(await sound('meeting'), seconds, 16_000, false);
    const start = performance.now();
    const { result, heldMs } = await longestHeld(
      lastValueFrom(identify(source, { model, speakers }).pipe(toArray())),
    );
    return { ms: performance.now() - start, heldMs, events: result.length };
  },
  /** A stream at 48 kHz in real time: main.ts looks at the processor's clock meanwhile. */
  async live(seconds: number): Promise<{ heldMs: number; lostSamples: number }> {
    const samples = await sound('meeting');
    const source = repeated(samples, seconds, 48_000, true);
    const { result, heldMs } = await longestHeld(
      lastValueFrom(
        identify(source, { model, speakers }).pipe(
          takeWhile(({ type }) => type !== 'end', true),
          toArray(),
        ),
      ),
    );
    const lag = result.findLast((event) => event.type === 'lag');
    return { heldMs, lostSamples: lag === undefined ? 0 : lag.lostSamples };
  },
  async diarize(seconds: number): Promise<number> {
    const start = performance.now();
    await diarize(model, repeated(await sound('meeting'), seconds, 16_000, false));
    return performance.now() - start;
  },
};
export type Bench = typeof bench;

Object.assign(globalThis, { bench });
