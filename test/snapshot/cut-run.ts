import { createHash } from 'node:crypto';
import { Subject } from 'rxjs';
import {
  identify,
  type AudioChunk,
  type AudioSource,
  type FeatureWindow,
  type IdentifyEvent,
  type IdentifyOptions,
  type Profile,
  type StreamSnapshot,
  type TrackCommand,
} from '../../src/index.js';
import { cut } from '../../src/stream/chunk.js';
import type { WindowSegmenter } from '../../src/native/types.js';
import type { EnrollModel } from '../../src/speakers/index.js';

/** The answers of a network kept: many runs hear the same windows. */
export const remembering = <Model extends EnrollModel>(model: Model): Model =>
  keeping(model, 'embedWindow', ({ features }: FeatureWindow) => features);

/** The same of a segmentation network. */
export const rememberingSegments = <Segmenter extends WindowSegmenter>(segmenter: Segmenter): Segmenter =>
  keeping(segmenter, 'segment', ([window]: readonly Float32Array[]) => window!);

function keeping<Network extends object>(
  network: Network,
  method: keyof Network & string,
  heardOf: (input: never) => Float32Array,
): Network {
  const answers = new Map<string, unknown>();
  const answer = (input: never): unknown => {
    const { buffer, byteOffset, byteLength } = heardOf(input);
    const key = createHash('sha256')
      .update(Buffer.from(buffer, byteOffset, byteLength))
      .digest('hex');
    const known = answers.get(key) ?? (network[method] as (input: never) => unknown).call(network, input);
    answers.set(key, known);
    return known;
  };
  return new Proxy(network, {
    get: (target, name) => {
      if (name === method) return answer;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What is told of a stream, and profiles that were handed out. */
export interface Told {
  readonly events: IdentifyEvent[];
  readonly profiles: Profile[];
}

/** Commands that are given when an event is told. */
export type Obeying = (event: IdentifyEvent) => TrackCommand | undefined;

export interface Stream {
  readonly source: () => AudioSource;
  readonly options: IdentifyOptions;
  readonly obeying?: Obeying;
}

/** `source` in chunks of these lengths, over and over, of which one ends at `at`; then `onCut` is awaited. */
function recut(
  source: AudioSource,
  lengths: readonly number[],
  at: number,
  onCut: () => Promise<void>,
): AudioSource {
  return {
    live: source.live,
    async *[Symbol.asyncIterator]() {
      if (at === 0) await onCut();
      for await (const chunk of source) {
        let from = 0;
        for (let i = 0; from < chunk.samples.length; i++) {
          const start = chunk.startSample + from;
          let length = Math.min(lengths[i % lengths.length]!, chunk.samples.length - from);
          if (start < at && start + length > at) length = at - start;
          yield cut(chunk, from, from + length);
          from += length;
          if (start + length === at) await onCut();
        }
      }
    },
  };
}

interface Run {
  readonly told: Told;
  readonly done: Promise<void>;
  readonly stop: () => void;
}

function run(
  stream: Stream,
  source: AudioSource,
  more: Partial<IdentifyOptions>,
  onEvent: (event: IdentifyEvent) => void = () => undefined,
): Run {
  const told: Told = { events: [], profiles: [] };
  const commands = new Subject<TrackCommand>();
  let stop = (): void => undefined;
  const done = new Promise<void>((resolve, reject) => {
    const subscription = identify(source, {
      ...stream.options,
      ...more,
      commands,
      onProfile: (profile) => told.profiles.push(profile),
    }).subscribe({
      next: (event) => {
        told.events.push(event);
        const command = stream.obeying?.(event);
        if (command !== undefined) commands.next(command);
        onEvent(event);
      },
      error: reject,
      complete: resolve,
    });
    stop = () => {
      subscription.unsubscribe();
    };
  });
  return { told, done, stop };
}

export async function uncut(stream: Stream): Promise<Told> {
  const whole = run(stream, stream.source(), {});
  await whole.done;
  return whole.told;
}

/** The snapshot of a stream at `at` (Infinity: when the end is told), and what was told up to there. */
export async function stoppedAt(
  stream: Stream,
  at: number,
  lengths: readonly number[],
): Promise<{ before: Told; snapshot: StreamSnapshot }> {
  const when = new Subject<void>();
  let keep!: (snapshot: StreamSnapshot) => void;
  const taken = new Promise<StreamSnapshot>((resolve) => (keep = resolve));
  let before: Told | undefined;
  const source = recut(stream.source(), lengths, at, async () => {
    when.next();
    await taken;
    // What would come is another process's.
    await new Promise(() => undefined);
  });
  const first = run(
    stream,
    source,
    {
      snapshots: {
        when,
        onSnapshot: (snapshot) => {
          before = { events: [...first.told.events], profiles: [...first.told.profiles] };
          keep(snapshot);
        },
      },
    },
    ({ type }) => {
      if (type === 'end') when.next();
    },
  );
  const snapshot = await Promise.race([taken, first.done.then(() => taken)]);
  first.stop();
  return { before: before!, snapshot };
}

/** The stream in two halves, as one. */
export async function cutAt(
  stream: Stream,
  at: number,
  lengths: readonly number[] = [4000, 1600, 777],
): Promise<Told & { snapshot: StreamSnapshot }> {
  const { before, snapshot } = await stoppedAt(stream, at, lengths);
  const second = run(stream, stream.source(), { resume: snapshot.bytes });
  await second.done;
  return {
    events: [...before.events, ...second.told.events],
    profiles: [...before.profiles, ...second.told.profiles],
    snapshot,
  };
}

/** A recording that is there, mono or of channels. */
export function sourceOf(planes: readonly Float32Array[], live = false): AudioSource {
  const [first] = planes;
  const mean =
    planes.length === 1
      ? first!
      : first!.map((_, i) => planes.reduce((sum, plane) => sum + plane[i]!, 0) / planes.length);
  const chunk: AudioChunk = { startSample: 0, samples: mean, ...(planes.length > 1 && { channels: planes }) };
  return {
    live,
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(chunk);
    },
  };
}
