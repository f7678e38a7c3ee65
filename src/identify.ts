import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  identity,
  map,
  merge,
  share,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { z } from 'zod';
import { parseOptions } from './options.js';
import { alikeWarnings } from './stream/alike-watch.js';
import { channelsOf, PerChannel } from './stream/chunk.js';
import { Demand } from './stream/demand.js';
import { chunks, frames } from './stream/operator.js';
import type { AudioSource } from './stream/types.js';
import { warnings } from './stream/warnings.js';
import { features, windows, withoutCrosstalk, type WindowOptions } from './fbank/index.js';
import { nativeFrontEnd } from './native/front-end.js';
import { embeddings } from './native/operator.js';
import { LiveSegmentation, segmented } from './native/live-segmentation.js';
import { segmenterSchema } from './native/segmentation-model.js';
import type { WindowSegmenter } from './native/types.js';
import type { EnrollModel, Profile } from './speakers/index.js';
import { indexVoices, track, type IdentifyEvent, type TrackOptions } from './tracker/index.js';
import { windowFields, withWindowRules } from './fbank/windower.js';
import { modelSchema } from './speakers/enroll.js';
import { sourceOrFactorySchema } from './stream/source-schema.js';
import { commandsSchema } from './tracker/operator.js';
import { trackerSchema } from './tracker/tracker-options.js';

/** Windows that may wait for the network before the source is asked for no more. */
const MAX_PENDING_WINDOWS = 8;

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
 * @throws {WhospeaksError} `invalid-option`, at the call
 */
export function identify(
  source: AudioSource | (() => AudioSource),
  options: IdentifyOptions,
): Observable<IdentifyEvent> {
  parseOptions('identify', z.object({ source: sourceOrFactorySchema }), { source });
  const { windowMs, stepMs, maxStepMs, segmentation, ...tracking } = parseOptions(
    'identify',
    schema,
    options,
  );
  const { model } = tracking;
  return defer(() => {
    const sound = typeof source === 'function' ? source() : source;
    const demand = new Demand(MAX_PENDING_WINDOWS);
    // A source that breaks ends the stream, so that every stage flushes what came before; then the error is told.
    let fault: Error | undefined;
    let heardSamples = 0;
    const segmenting = segmentation && new PerChannel(() => new LiveSegmentation(segmentation, demand));
    const audio = chunks(sound, demand).pipe(
      tap(({ startSample, samples }) => (heardSamples = startSample + samples.length)),
      catchError((error: Error) => {
        fault = error;
        return EMPTY;
      }),
      segmenting === undefined
        ? identity
        : tap((chunk) => {
            for (const { channel, ...own } of channelsOf(chunk)) segmenting.of(channel).push(own);
          }),
      share(),
    );
    const answer = audio.pipe(
      frames(),
      features(nativeFrontEnd),
      withoutCrosstalk(),
      windows({ windowMs, stepMs, maxStepMs }),
      embeddings(model, { demand }),
      segmenting === undefined ? identity : segmented(segmenting),
      track({ ...tracking, makeIndex: indexVoices }),
      // The tracker knows the end to the frame; the source knows it to the sample.
      map((event) => (event.type === 'end' ? { ...event, endSample: heardSamples } : event)),
      filter(({ type }) => {
        if (type === 'end') return fault === undefined;
        // A recording loses nothing: a hole in it is its own.
        return type !== 'lag' || sound.live;
      }),
    );
    const failure = defer(() => (fault === undefined ? EMPTY : throwError(() => fault)));
    const told = merge(answer, audio.pipe(alikeWarnings()), sound.live ? audio.pipe(warnings()) : EMPTY);
    return concat(told, failure);
  });
}
