import { concat, defer, from, mergeMap, type Observable, type OperatorFunction } from 'rxjs';
import type { EmbeddedWindow } from '../native/types.js';
import type { IdentifyEvent } from './events.js';
import { Tracker, type TrackerOptions } from './tracker.js';

/** Embedded windows to events, through a `Tracker` of its own for each subscription; flushed at completion. */
export function track(options: TrackerOptions): OperatorFunction<EmbeddedWindow, IdentifyEvent> {
  return (windows): Observable<IdentifyEvent> =>
    defer(() => {
      const tracker = new Tracker(options);
      return concat(
        windows.pipe(mergeMap((window) => tracker.push(window))),
        defer(() => from(tracker.flush())),
      );
    });
}
