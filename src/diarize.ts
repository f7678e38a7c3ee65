import { Observable } from 'rxjs';
import { z } from 'zod';
import { Breather } from './clustering/breather.js';
import { clusterVoices } from './clustering/cluster-voices.js';
import { hearChannels, hearRecording } from './clustering/hear-recording.js';
import type { HeardRecording, HearingNetworks } from './clustering/recording-listener.js';
import { reconstruct } from './clustering/reconstruct.js';
import { DIARIZATION } from './clustering/settings.js';
import { countFields, MAX_SPEAKERS, withCountRules, type SpeakerCount } from './clustering/speaker-count.js';
import { tellSpeakers } from './clustering/tell-speakers.js';
import type { Diarization, DiarizeProgress } from './clustering/types.js';
import type { WindowSegmenter } from './native/types.js';
import { WhospeaksError } from './errors.js';
import type { MaskEmbedder } from './native/masked-embedder.js';
import { segmenterSchema, SegmentationModel } from './native/segmentation-model.js';
import { SpeakerModel } from './native/speaker-model.js';
import { defaultThreads } from './native/threads.js';
import { parseOptions } from './options.js';
import { assertDistinct, assertSameModel, type Profile } from './speakers/profile.js';
import { profileSchema } from './speakers/profile-schema.js';
import { audioSchema } from './stream/format.js';
import { MAX_KEPT_CHANNELS } from './stream/down-mix.js';
import { sourceSchema } from './stream/source-schema.js';
import { SAMPLE_RATE_HZ, type AudioSource } from './stream/types.js';

export interface DiarizeOptions extends SpeakerCount {
  /** Enrolled speakers, made with the same model: they are looked for, and name their segments. */
  readonly profiles?: readonly Profile[];
  /** `mix`: one source, one recording. `channels`: a list of sources, each channel its own recording. Default `mix`. */
  readonly audio?: 'mix' | 'channels';
  /** Default: the bundled pyannote/segmentation-3.0, loaded for this call. */
  readonly segmentation?: WindowSegmenter;
  readonly signal?: AbortSignal;
  /** Called as the recording is heard. */
  readonly onProgress?: (progress: DiarizeProgress) => void;
}

const speakerModelSchema = z.custom<SpeakerModel>(
  (value) => value instanceof SpeakerModel,
  'expected a SpeakerModel',
);
const schema = withCountRules(
  z.strictObject({
    ...countFields,
    profiles: z.array(profileSchema).readonly().default([]),
    audio: audioSchema.default('mix'),
    segmentation: segmenterSchema.optional(),
    signal: z.instanceof(AbortSignal).optional(),
    onProgress: z
      .custom<(progress: DiarizeProgress) => void>(
        (value) => typeof value === 'function',
        'expected a function',
      )
      .optional(),
  }),
);

/**
 * Who spoke when in a whole recording: segments in order, overlapping where two talk at once, and the speakers. The
 * recording is read once, and memory is bounded whatever its length: some 10 MB an hour beside the networks.
 *
 * @param source a recording; with `audio: 'channels'` one source a channel. Up to 8 are read side by side, and a voice that leaks
 * from one channel into another is told on its own alone; of more, each is heard by itself.
 * Rejects with `invalid-option` (also for more `speakers` than stretches of speech),
 * `model-mismatch` (a profile of another model), `speaker-exists` (two profiles of one name), what the source and the
 * networks reject with, or the signal's reason. Silence is no error: no segments.
 */
export async function diarize(
  model: SpeakerModel,
  source: AudioSource | readonly AudioSource[],
  options: DiarizeOptions = {},
): Promise<Diarization> {
  const checked = parseOptions('diarize', schema, options);
  parseOptions('diarize', z.object({ model: speakerModelSchema }), { model });
  const sources = sourcesOf(source, checked.audio);
  assertDistinct(checked.profiles);
  assertSameModel(model, checked.profiles);
  checked.signal?.throwIfAborted();
  const own = checked.segmentation === undefined ? await ownSegmentation() : undefined;
  const segmenter = (checked.segmentation ?? own)!;
  let embedder: MaskEmbedder | undefined;
  try {
    embedder = await model.maskedEmbedder();
    const { signal, onProgress } = checked;
    const channel = (index: number) => (checked.audio === 'channels' ? { channel: index } : {});
    const tell = (stage: DiarizeProgress['stage'], samples: number, index: number): void => {
      const { durationSamples: all } = sources[index]!;
      const duration = all === undefined ? undefined : all / SAMPLE_RATE_HZ;
      onProgress?.({ stage, position: samples / SAMPLE_RATE_HZ, duration, ...channel(index) });
    };
    const heard = await hearTogether(sources, { embedder, segmenter }, signal, (samples, index) => {
      tell('listening', samples, index);
    });
    let whole: Diarization = { segments: [], speakers: [], duration: 0 };
    for (const [index, one] of heard.entries()) {
      tell('clustering', one.samples, index);
      const told = await tellRecording(
        model,
        one,
        checked,
        whole.speakers.filter(({ known }) => !known).length + 1,
      );
      const at = <Item extends object>(item: Item): Item => ({ ...item, ...channel(index) });
      whole = {
        segments: [...whole.segments, ...told.segments.map(at)].sort(
          (a, b) => a.start - b.start || a.end - b.end,
        ),
        speakers: [...whole.speakers, ...told.speakers.map(at)],
        duration: Math.max(whole.duration, one.samples / SAMPLE_RATE_HZ),
      };
    }
    return whole;
  } finally {
    embedder?.close();
    own?.close();
  }
}

/** What `diarization` emits: progress, then the result. */
export type DiarizationEvent =
  ({ readonly type: 'progress' } & DiarizeProgress) | ({ readonly type: 'result' } & Diarization);

/**
 * `diarize` as a cold Observable: progress, then the result, then it completes. Each subscription reads `source`, which can
 * be read once; unsubscribing stops it. Errors as `diarize` rejects.
 */
export function diarization(
  model: SpeakerModel,
  source: AudioSource | readonly AudioSource[],
  options: Omit<DiarizeOptions, 'signal' | 'onProgress'> = {},
): Observable<DiarizationEvent> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    const onProgress = (progress: DiarizeProgress): void => {
      subscriber.next({ type: 'progress', ...progress });
    };
    diarize(model, source, { ...options, signal: stop.signal, onProgress }).then(
      (result) => {
        subscriber.next({ type: 'result', ...result });
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
    return () => {
      stop.abort();
    };
  });
}

/** Both networks run at once: the larger one gets the cores, this one half of them. */
function ownSegmentation(): Promise<SegmentationModel> {
  return SegmentationModel.bundled({ threads: Math.max(1, defaultThreads() >> 1) });
}

function sourcesOf(
  source: AudioSource | readonly AudioSource[],
  audio: 'mix' | 'channels',
): readonly AudioSource[] {
  if (audio === 'channels') {
    const many = z.object({
      source: z.array(sourceSchema).min(1, { error: 'expected a source for each channel' }),
    });
    return parseOptions('diarize', many, { source }).source;
  }
  return [parseOptions('diarize', z.object({ source: sourceSchema }), { source }).source];
}

/** Up to 8 channels are heard side by side, so that a voice that leaks is taken out; more, one after another, as they are. */
async function hearTogether(
  sources: readonly AudioSource[],
  networks: HearingNetworks,
  signal: AbortSignal | undefined,
  onPosition: (samples: number, channel: number) => void,
): Promise<HeardRecording[]> {
  const settings = DIARIZATION;
  if (sources.length <= MAX_KEPT_CHANNELS) {
    return hearChannels(sources, networks, { settings, signal, onPosition });
  }
  const all: HeardRecording[] = [];
  for (const [channel, source] of sources.entries()) {
    const tell = (samples: number): void => {
      onPosition(samples, channel);
    };
    all.push(await hearRecording(source, networks, { settings, signal, onPosition: tell }));
  }
  return all;
}

/** One recording that was heard, to segments and speakers. */
async function tellRecording(
  model: SpeakerModel,
  heard: HeardRecording,
  { speakers, minSpeakers, maxSpeakers, profiles, signal }: z.output<typeof schema>,
  firstUnknown: number,
): Promise<Omit<Diarization, 'duration'>> {
  const least = speakers ?? minSpeakers ?? 1;
  const most = speakers ?? maxSpeakers ?? MAX_SPEAKERS;
  const stretches = heard.windows.reduce((sum, { voices }) => sum + voices.length, 0);
  if (speakers !== undefined && stretches > 0 && speakers > stretches) {
    throw new WhospeaksError(
      'invalid-option',
      `diarize: option "speakers": ${speakers} speakers were asked for, but only ${stretches} stretches of speech were ` +
        'heard; ask for fewer, or for none in particular',
    );
  }
  const breather = new Breather(signal);
  const settings = DIARIZATION;
  const clustered = await clusterVoices(heard, { model, profiles, least, most, settings, breather });
  const segments = await reconstruct(heard, clustered, settings, breather);
  return tellSpeakers(clustered.speakers, segments, model, firstUnknown);
}
