import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  identity,
  isObservable,
  map,
  merge,
  share,
  Subject,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { z } from 'zod';
import { parseOptions } from './options.js';
import { alikeWarnings } from './stream/alike-watch.js';
import { channelsOf, PerChannel } from './stream/chunk.js';
import { Demand } from './stream/demand.js';
import { chunks, frames, since } from './stream/operator.js';
import type { AudioChunk, AudioSource } from './stream/types.js';
import { warnings } from './stream/warnings.js';
import { features, windows, withoutCrosstalk, type WindowOptions } from './fbank/index.js';
import { nativeFrontEnd } from './native/front-end.js';
import { embeddings } from './native/operator.js';
import { LiveSegmentation, segmented } from './native/live-segmentation.js';
import { segmenterSchema } from './native/segmentation-model.js';
import type { WindowSegmenter } from './native/types.js';
import type { EnrollModel, Profile } from './speakers/index.js';
import { assertSame, readSnapshot, writeSnapshot, type SnapshotContent } from './snapshot/document.js';
import { Snapshotter } from './snapshot/snapshotter.js';
import type { SnapshotOptions } from './snapshot/types.js';
import { Checkpoint } from './stateful.js';
import { indexVoices, Tracker, type IdentifyEvent, type TrackOptions } from './tracker/index.js';
import { windowFields, withWindowRules } from './fbank/windower.js';
import { modelSchema } from './speakers/enroll.js';
import { sourceOrFactorySchema } from './stream/source-schema.js';
import { commandsSchema, trackWith } from './tracker/operator.js';
import { trackerSchema } from './tracker/tracker-options.js';

/** Windows that may wait for the network before the source is asked for no more. */
const MAX_PENDING_WINDOWS = 8;

const snapshotsSchema = z.strictObject({
  everySeconds: z.number().min(0.1).optional(),
  when: z.custom<Observable<unknown>>((value) => isObservable(value), 'expected an Observable').optional(),
  onSnapshot: z.custom<SnapshotOptions['onSnapshot']>(
    (value) => typeof value === 'function',
    'expected a function',
  ),
});

/** The stages' own, and what joins them. */
const schema = withWindowRules(
  z.strictObject({
    ...trackerSchema.pick({
      scoring: true,
      falseAcceptRate: true,
      threshold: true,
      latencySeconds: true,
      maxUnknown: true,
      adapt: true,
      onProfile: true,
    }).shape,
    ...windowFields,
    model: modelSchema,
    speakers: trackerSchema.shape.speakers.default([]),
    commands: commandsSchema,
    segmentation: segmenterSchema.optional(),
    snapshots: snapshotsSchema.optional(),
    resume: z.instanceof(Uint8Array).optional(),
  }),
);

export interface IdentifyOptions
  extends
    WindowOptions,
    Pick<
      TrackOptions,
      | 'scoring'
      | 'falseAcceptRate'
      | 'threshold'
      | 'latencySeconds'
      | 'maxUnknown'
      | 'adapt'
      | 'onProfile'
      | 'commands'
    > {
  /** The network, a `SpeakerModel` or the like; profiles must have been made by the same one. */
  readonly model: EnrollModel;
  /** Enrolled speakers. With none, every speaker is unknown. */
  readonly speakers?: readonly Profile[];
  /**
   * A `SegmentationModel`: where two speak at once is then heard by it, better than by the embeddings alone, at the cost of one run
   * of 10 s each half second. Default: none.
   */
  readonly segmentation?: WindowSegmenter;
  /** Take snapshots of the stream, which another process can go on from: see `SnapshotOptions`. Default: none. */
  readonly snapshots?: SnapshotOptions | undefined;
  /**
   * The `bytes` of a `StreamSnapshot`: go on from it, with the events that would have followed, to the last number. Give the same
   * model and options; the speakers are those of the snapshot. Sound before its `sample` is passed over.
   */
  readonly resume?: Uint8Array | undefined;
}

/**
 * Who is speaking, as a cold Observable. A source that keeps its channels (`audio: 'channels'`) is heard channel by channel: each
 * has turns of its own, every event of one says its `channel`, a speaker has one name or label on all of them, and a voice that
 * leaks from one channel into another is told on its own alone.
 *
 * Each subscription reads `source` once, and unsubscribing closes it. A source can be read once: for `retry()` and the like give
 * a function that makes one, called at each subscription. The source is pulled no faster than the network runs. Completes after
 * the `end` event. Where the source breaks, what came before is told first, then the Observable errors with a WhospeaksError.
 *
 * @throws {WhospeaksError} `invalid-option`, or `invalid-snapshot` where `resume` is none of this stream, at the call
 */
export function identify(
  source: AudioSource | (() => AudioSource),
  options: IdentifyOptions,
): Observable<IdentifyEvent> {
  parseOptions('identify', z.object({ source: sourceOrFactorySchema }), { source });
  const { segmentation, snapshots, resume, commands, ...rest } = parseOptions('identify', schema, options);
  const { windowMs, stepMs, maxStepMs, ...tracking } = rest;
  const { model } = tracking;
  const same = identityOf({ ...rest, segmentation });
  if (resume !== undefined) assertSame(readSnapshot(resume), same);
  return defer(() => {
    const sound = typeof source === 'function' ? source() : source;
    const demand = new Demand(MAX_PENDING_WINDOWS);
    const saved = resume && readSnapshot(resume);
    const from = saved?.sample ?? 0;
    const checkpoint = new Checkpoint(saved?.stages);
    const tracker = new Tracker({ ...tracking, makeIndex: indexVoices });
    if (saved !== undefined) tracker.load(saved.tracker);
    // A source that breaks ends the stream, so that every stage flushes what came before; then the error is told.
    let fault: Error | undefined;
    let heardSamples = from;
    let hasEnded = saved?.hasEnded ?? false;
    const segmenting =
      segmentation &&
      checkpoint.add('segmentation', new PerChannel(() => new LiveSegmentation(segmentation, demand)));
    const broken = new Subject<never>();
    const snapshotter =
      snapshots &&
      new Snapshotter({
        ...snapshots,
        demand,
        fromSample: from,
        settled: segmenting && (() => Promise.all(segmenting.all.map((live) => live.whenIdle()))),
        write: (sample) =>
          writeSnapshot({
            ...same,
            sample,
            hasEnded,
            stages: checkpoint.save(),
            tracker: tracker.save(),
          }),
        fail: (error) => {
          broken.error(error);
        },
      });
    const all: Observable<AudioChunk> = hasEnded ? EMPTY : chunks(sound, demand);
    const audio = all.pipe(
      since(from),
      tap({
        next: ({ startSample, samples }) => (heardSamples = startSample + samples.length),
        complete: () => (hasEnded = true),
      }),
      catchError((error: Error) => {
        fault = error;
        hasEnded = true;
        return EMPTY;
      }),
      segmenting === undefined
        ? identity
        : tap((chunk) => {
            for (const { channel, ...own } of channelsOf(chunk)) segmenting.of(channel).push(own);
          }),
      snapshotter?.chunks() ?? identity,
      share(),
    );
    const cut = audio.pipe(
      frames(checkpoint),
      features(nativeFrontEnd, checkpoint),
      withoutCrosstalk(checkpoint),
      windows({ windowMs, stepMs, maxStepMs }, checkpoint),
      tap(() => snapshotter?.cut()),
    );
    const answer = cut.pipe(
      embeddings(model, { demand }),
      segmenting === undefined ? identity : segmented(segmenting),
      tap(() => snapshotter?.tracked()),
      trackWith(
        () => tracker,
        commands,
        snapshotter &&
          ((work) => {
            snapshotter.during(work);
          }),
      ),
      // The tracker knows the end to the frame; the source knows it to the sample.
      map((event) => (event.type === 'end' ? { ...event, endSample: heardSamples } : event)),
      filter(({ type }) => {
        if (type === 'end') return fault === undefined;
        // A recording loses nothing: a hole in it is its own.
        return type !== 'lag' || sound.live;
      }),
    );
    const failure = defer(() => (fault === undefined ? EMPTY : throwError(() => fault)));
    const told = merge(
      answer,
      audio.pipe(alikeWarnings(checkpoint)),
      sound.live ? audio.pipe(warnings(checkpoint)) : EMPTY,
    );
    const asked = snapshots?.when?.subscribe({
      next: () => snapshotter?.request(),
      error: (error) => {
        broken.error(error);
      },
    });
    return concat(told, failure).pipe(
      takeUntil(broken),
      finalize(() => {
        asked?.unsubscribe();
        snapshotter?.close();
      }),
    );
  });
}

/** What must be the same where a stream goes on. */
function identityOf({
  model,
  segmentation,
  ...options
}: Omit<z.output<typeof schema>, 'commands' | 'snapshots' | 'resume'>): Pick<
  SnapshotContent,
  'model' | 'options'
> {
  const { windowMs, stepMs, maxStepMs, scoring, falseAcceptRate, threshold, latencySeconds, maxUnknown } =
    options;
  return {
    model: model.fingerprint,
    options: {
      ...{ windowMs, stepMs, maxStepMs, scoring, falseAcceptRate, threshold, latencySeconds, maxUnknown },
      adapt: options.adapt !== undefined,
      segmentation: segmentation !== undefined,
    },
  };
}
