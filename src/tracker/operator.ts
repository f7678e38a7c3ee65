import { isObservable, Observable, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import type { EmbeddedWindow } from '../native/types.js';
import type { IdentifyEvent, TrackCommand } from '../events/events.js';
import { Tracker } from './tracker.js';
import { trackerSchema, type TrackerOptions } from './tracker-options.js';

export const commandsSchema = z
  .custom<Observable<TrackCommand>>((value) => isObservable(value), 'expected an Observable of TrackCommand')
  .optional();

const schema = trackerSchema.extend({ commands: commandsSchema });

export interface TrackOptions extends TrackerOptions {
  /**
   * Executed between two windows, in order. They do not keep the stream open. A command given while the `end`
   * event is delivered is still executed.
   */
  readonly commands?: Observable<TrackCommand> | undefined;
}

/**
 * Embedded windows to events, through a `Tracker` of its own for each subscription; flushed at completion. Unsubscribing hands out
 * the profiles that have grown (`onProfile`).
 * @throws {WhospeaksError} `invalid-option`, at the call
 */
export function track(trackOptions: TrackOptions): OperatorFunction<EmbeddedWindow, IdentifyEvent> {
  const { commands, ...options } = parseOptions('track', schema, trackOptions);
  return trackWith(() => new Tracker(options), commands);
}

/**
 * The same with a tracker of one's own for each subscription.
 * @param during calls what it is given: obeys a command or takes a window, and tells all events of it
 */
export function trackWith(
  makeTracker: () => Tracker,
  commands: Observable<TrackCommand> | undefined,
  during: (work: () => void) => void = (work) => {
    work();
  },
): OperatorFunction<EmbeddedWindow, IdentifyEvent> {
  return (windows) =>
    new Observable((subscriber) => {
      const tracker = makeTracker();
      const fail = (error: unknown): void => {
        subscriber.error(error);
      };
      const waiting: (() => readonly IdentifyEvent[])[] = [];
      let isTelling = false;
      let hasFailed = false;
      /**
       * Commands given while events are delivered wait until these are delivered. At the end they do not
       * wait: their answer comes before `end`. Any error, also of the user's callbacks, is the stream's
       * error.
       */
      const tell = (events: () => readonly IdentifyEvent[]): void => {
        waiting.push(events);
        if (!isTelling) during(tellAll);
      };
      const tellAll = (): void => {
        isTelling = true;
        try {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            for (const event of next()) {
              isTelling = event.type !== 'end';
              subscriber.next(event);
            }
            isTelling = true;
          }
        } catch (error) {
          hasFailed = true;
          fail(error);
        } finally {
          isTelling = false;
        }
      };
      subscriber.add(() => {
        if (!hasFailed) tracker.close();
      });
      subscriber.add(
        commands?.subscribe({
          next: (command) => {
            tell(() => tracker.command(command));
          },
          error: fail,
        }),
      );
      subscriber.add(
        windows.subscribe({
          next: (window) => {
            tell(() => tracker.push(window));
          },
          error: fail,
          complete: () => {
            tell(() => tracker.flush());
            subscriber.complete();
          },
        }),
      );
    });
}
