import type { IdentifyEvent } from '../tracker/index.js';
import type { ServerMetrics } from './metrics.js';
import type { Session } from './session/session.js';

/** How late an event of a live stream is. */
export function observeDelay(
  metrics: ServerMetrics,
  group: string,
  session: Session,
  event: IdentifyEvent,
): void {
  if (event.type !== 'tentative' && event.type !== 'final') return;
  const seconds = session.delaySeconds(event.atSample);
  if (seconds !== null) metrics.eventDelay.observe({ group }, seconds);
}

/** Adds what came in and what was dropped since a session was counted last. */
export class AudioCounts {
  readonly #metrics: ServerMetrics;
  /** Audio that came in, of all streams and of each channel that is heard by itself, seconds. */
  workSeconds = 0;
  readonly #counted = new WeakMap<
    Session,
    { readonly heard: number; readonly work: number; readonly dropped: number }
  >();

  constructor(metrics: ServerMetrics) {
    this.#metrics = metrics;
  }

  count(group: string, session: Session): void {
    const before = this.#counted.get(session) ?? { heard: 0, work: 0, dropped: 0 };
    const now = { heard: session.heardSeconds, work: session.workSeconds, dropped: session.droppedSeconds };
    this.#counted.set(session, now);
    const heard = Math.max(0, now.heard - before.heard);
    this.workSeconds += Math.max(0, now.work - before.work);
    this.#metrics.audioSeconds.inc({ group }, heard);
    this.#metrics.droppedSeconds.inc({ group }, Math.max(0, now.dropped - before.dropped));
  }
}
