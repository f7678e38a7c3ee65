import { Observable } from 'rxjs';
import { z } from 'zod';
import type { IdentifyEvent } from '../events/events.js';
import type { IdentifyOptions as NodeOptions } from '../identify.js';
import { parseOptions } from '../options.js';
import { soundSchema, type SoundSource } from './sound-source.js';
import { browserModelSchema, linkOf, type SpeakerModel } from './speaker-model.js';

/** As in Node, but for the networks, and without snapshots: a page's stream ends with its page. */
export interface IdentifyOptions extends Omit<
  NodeOptions,
  'model' | 'segmentation' | 'snapshots' | 'resume'
> {
  /** The network; profiles must have been made by the same one. */
  readonly model: SpeakerModel;
  /**
   * Hear where two speak at once with the bundled segmentation network, which is loaded at its first use (2.9 MB) and costs one run
   * of 10 s each half second. Default: false.
   */
  readonly segmentation?: boolean | undefined;
}

const argumentsSchema = z.object({
  source: z.union([soundSchema, z.custom<() => SoundSource>((value) => typeof value === 'function')], {
    error: 'expected a SoundSource, such as fromSamples gives, or a function that makes one',
  }),
  model: browserModelSchema,
});

/**
 * Who is speaking, as a cold Observable: the events of Node's `identify`, from the worker of `model`. Each subscription opens
 * `source` once, and unsubscribing closes it; for `retry()` and the like give a function that makes one. Errors with a
 * WhospeaksError; options are checked in the worker, so that a bad one is the Observable's error, with `invalid-option`.
 *
 * @throws {WhospeaksError} `invalid-option`, at the call, for another source or model
 */
export function identify(
  source: SoundSource | (() => SoundSource),
  identifyOptions: IdentifyOptions,
): Observable<IdentifyEvent> {
  // In JavaScript there may be none.
  const {
    model,
    segmentation = false,
    commands,
    adapt,
    onProfile,
    ...options
  } = (identifyOptions as IdentifyOptions | undefined) ?? ({} as IdentifyOptions);
  parseOptions('identify', argumentsSchema, { source, model });
  return new Observable((subscriber) => {
    const link = linkOf(model);
    const opened = typeof source === 'function' ? source() : source;
    parseOptions('identify', z.object({ source: soundSchema }), { source: opened });
    const head = link.head(opened);
    const running = link.call(
      'identify',
      { source: head, options, segmentation, adapts: adapt !== undefined },
      {
        sources: [head],
        onTold: (told) => {
          if (told.kind === 'event') subscriber.next(told.event);
          else if (told.kind === 'profile') onProfile?.(told.profile);
          else if (told.kind === 'learnt') adapt?.(told.learnt);
        },
      },
    );
    running.answer.then(
      () => {
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
    subscriber.add(
      commands?.subscribe({
        next: (command) => {
          running.command(command);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
      }),
    );
    subscriber.add(() => {
      running.stop();
    });
  });
}
