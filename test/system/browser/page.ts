/** The program of the tests' page: what `page.evaluate` calls, with answers that JSON can hold. */
import { lastValueFrom, of, Subject, toArray, type Observable } from 'rxjs';
import {
  assetsIn,
  diarize,
  enrollWithReport,
  findSpeakers,
  fromSamples,
  identify,
  profileFromJson,
  profileToJson,
  SpeakerModel,
  verify,
  WhospeaksError,
  type IdentifyEvent,
  type IdentifyOptions,
  type LoadOptions,
  type NameCommand,
  type ProfileJson,
  type SoundSource,
  type TrackCommand,
  type VerifyInput,
} from 'whospeaks/browser';

/** What an error says, across `page.evaluate`. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

type Sent = Partial<Pick<IdentifyOptions, 'falseAcceptRate' | 'segmentation' | 'latencySeconds'>>;

/** A recording of `examples/audio`: s16le, mono or more. */
async function wav(name: string): Promise<{ rateHz: number; planes: Float32Array[] }> {
  const bytes = await (await fetch(`/audio/${name}.wav`)).arrayBuffer();
  const view = new DataView(bytes);
  const channels = view.getUint16(22, true);
  const samples = new Int16Array(bytes.slice(44));
  const planes = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from(
      { length: samples.length / channels },
      (_, i) => samples[i * channels + channel]! / 32768,
    ),
  );
  return { rateHz: view.getUint32(24, true), planes };
}

async function soundOf(name: string, rateHz?: number): Promise<SoundSource> {
  const { rateHz: own, planes } = await wav(name);
  // As if it had been recorded at another rate: the same numbers, another clock.
  return fromSamples(planes, rateHz ?? own);
}

/** A recording by its name, as a source or as samples; or a speaker. */
type Compared = string | { readonly samples: string } | ProfileJson;

async function comparedOf(side: Compared): Promise<VerifyInput> {
  if (typeof side === 'string') return soundOf(side);
  return 'samples' in side ? (await wav(side.samples)).planes[0]! : profileFromJson(side);
}

let model: SpeakerModel | undefined;
/** Of `beginLong`. */
const long = { seconds: 0, events: 0, endSample: 0, done: Promise.resolve() };

async function faultOf(promise: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof WhospeaksError) return { code: error.code, message: error.message };
    return { code: 'none', message: String(error) };
  }
}

const lab = {
  async load(options?: LoadOptions) {
    model ??= await SpeakerModel.fromPretrained(options ?? { assets: assetsIn('/assets') });
    const { name, fingerprint, dimension, device } = model;
    return { name, fingerprint, dimension, device };
  },
  assets: () => ({ ...assetsIn('/assets') }),
  loadFault: (options: LoadOptions) => faultOf(SpeakerModel.fromPretrained(options)),
  close() {
    model?.close();
    model = undefined;
  },
  async embed(name: string) {
    const { planes, rateHz } = await wav(name);
    return Array.from(await model!.embed(planes[0]!, rateHz));
  },
  /** A noise that Node can make too. */
  async embedNoise(length: number, rateHz: number) {
    const noise = Float32Array.from({ length }, (_, i) => Math.sin(i * i) / 2);
    return Array.from(await model!.embed(noise, rateHz));
  },
  async enroll(name: string, recording = name) {
    const { profile, report } = await enrollWithReport(model!, { name, sources: [await soundOf(recording)] });
    return { profile: profileToJson(profile), report };
  },
  enrollFault: async (name: string, recording: string, samples: number) => {
    const { planes, rateHz } = await wav(recording);
    const sources = [fromSamples(planes[0]!.slice(0, samples), rateHz)];
    return faultOf(enrollWithReport(model!, { name, sources }));
  },
  async verify(a: Compared, b: Compared, falseAcceptRate?: number) {
    return verify(model!, await comparedOf(a), await comparedOf(b), { falseAcceptRate });
  },
  verifyFault: (a: unknown, b: unknown, options = {}) =>
    faultOf(verify(model!, a as VerifyInput, b as VerifyInput, options)),
  async findSpeakers(recording: Compared, profiles: ProfileJson[], count?: number) {
    const speakers = profiles.map((json) => profileFromJson(json));
    return findSpeakers(model!, await comparedOf(recording), speakers, { count });
  },
  async identify(recording: string, profiles: ProfileJson[], options: Sent = {}, rateHz?: number) {
    const source = await soundOf(recording, rateHz);
    const speakers = profiles.map((json) => profileFromJson(json));
    return lastValueFrom(identify(source, { model: model!, speakers, ...options }).pipe(toArray()));
  },
  /** How much of the time of a stream the page's thread was held in tasks of 50 ms and more, 0 to 1; and whether such are seen at all. */
  async heldShare(recording: string, profiles: ProfileJson[]) {
    let heldMs = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) heldMs += duration;
    });
    observer.observe({ type: 'longtask' });
    const hold = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(() => {
          const end = performance.now() + ms;
          while (performance.now() < end);
          setTimeout(resolve, 100);
        });
      });
    await hold(200);
    const seen = heldMs > 0;
    const source = await soundOf(recording);
    const speakers = profiles.map((json) => profileFromJson(json));
    await hold(1);
    heldMs = 0;
    const start = performance.now();
    await lastValueFrom(identify(source, { model: model!, speakers }).pipe(toArray()));
    const share = heldMs / (performance.now() - start);
    observer.disconnect();
    return { seen, share };
  },
  /** The events, with a command that is given at the first turn of the voice that it names. */
  async identifyWith(recording: string, profiles: ProfileJson[], command: NameCommand) {
    const commands = new Subject<TrackCommand>();
    let given = false;
    const events: IdentifyEvent[] = [];
    const speakers = profiles.map((json) => profileFromJson(json));
    const stream = identify(await soundOf(recording), { model: model!, speakers, commands });
    await new Promise<void>((resolve, reject) => {
      stream.subscribe({
        next: (event) => {
          events.push(event);
          if (given || event.type !== 'final' || event.speaker !== command.label) return;
          given = true;
          commands.next(command);
        },
        error: reject,
        complete: resolve,
      });
    });
    return events;
  },
  /** Who is heard by both networks where the speakers are told by a command at once, while the second one is loaded. */
  async heardEarly(recording: string, profiles: ProfileJson[]) {
    const speakers = profiles.map((json) => profileFromJson(json));
    const commands = of<TrackCommand>({ type: 'speakers', speakers });
    const stream = identify(await soundOf(recording), { model: model!, segmentation: true, commands });
    const events = await lastValueFrom(stream.pipe(toArray()));
    return [...new Set(events.flatMap((event) => (event.type === 'final' ? event.speaker : [])))];
  },
  async identifyFault(options: object, source?: 'broken' | 'none') {
    const none = (): SoundSource => undefined as unknown as SoundSource;
    const sound: SoundSource | (() => SoundSource) =
      source === undefined
        ? fromSamples(new Float32Array(16_000), 16_000)
        : source === 'none'
          ? none
          : {
              live: false,
              // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
              async *open() {
                yield { rateHz: 16_000, planes: [new Float32Array(16_000)] };
                throw new WhospeaksError('microphone-failed', 'the microphone was pulled out');
              },
            };
    const stream = (): Observable<IdentifyEvent> => identify(sound, { model: model!, ...options });
    return faultOf(lastValueFrom(stream().pipe(toArray())));
  },
  /** Leaves a stream at its first event: how many blocks were read after it of a source without an end, and whether it was closed. */
  async leave() {
    const [samples] = (await wav('meeting')).planes;
    let blocks = 0;
    let closed = false;
    const source: SoundSource = {
      live: false,
      // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
      async *open() {
        try {
          for (;;) {
            const at = (blocks++ % 30) * 16_000;
            yield { rateHz: 16_000, planes: [samples!.slice(at, at + 16_000)] };
          }
        } finally {
          closed = true;
        }
      },
    };
    await new Promise<void>((resolve) => {
      const subscription = identify(source, { model: model! }).subscribe(() => {
        queueMicrotask(() => {
          subscription.unsubscribe();
          resolve();
        });
      });
    });
    const after = blocks;
    await lab.embed('alice');
    return { closed, blocksAfter: blocks - after };
  },
  /** The example meeting over and over, for so long; nothing of it is kept here but counts. */
  async beginLong(seconds: number, profile: ProfileJson) {
    const [samples] = (await wav('meeting')).planes;
    const sound: SoundSource = {
      live: false,
      // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
      async *open() {
        for (let second = 0; second < seconds; second++) {
          long.seconds = second;
          const at = (i: number): number => samples![(second * 16_000 + i) % samples!.length]!;
          yield { rateHz: 16_000, planes: [Float32Array.from({ length: 16_000 }, (_, i) => at(i))] };
        }
        long.seconds = seconds;
      },
    };
    const events = identify(sound, { model: model!, speakers: [profileFromJson(profile)] });
    long.done = new Promise((resolve, reject) => {
      events.subscribe({
        next: (event) => {
          long.events++;
          if (event.type === 'end') long.endSample = event.endSample;
        },
        error: reject,
        complete: resolve,
      });
    });
  },
  async heardLong(seconds: number) {
    while (long.seconds < seconds) await new Promise((resolve) => setTimeout(resolve, 500));
  },
  async endLong() {
    await long.done;
    return { events: long.events, endSample: long.endSample };
  },
  async diarize(recording: string, profiles: ProfileJson[]) {
    return diarize(model!, await soundOf(recording), {
      profiles: profiles.map((json) => profileFromJson(json)),
    });
  },
  /** Rejected with the signal's reason, once the recording is being heard. */
  async abortDiarize(recording: string) {
    const stop = new AbortController();
    const running = diarize(model!, await soundOf(recording), {
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new WhospeaksError('engine-closed', 'left'));
      },
    });
    return faultOf(running);
  },
};
export type Lab = typeof lab;

Object.assign(globalThis, { lab });
