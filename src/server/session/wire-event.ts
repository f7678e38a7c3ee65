import type { WireEvent } from '../../protocol/index.js';
import { inSeconds } from '../../tracker/in-seconds.js';
import type { IdentifyEvent } from '../../tracker/index.js';

/** The event as clients see it: positions in seconds too, and no voiceprint. */
export function wireEvent(event: IdentifyEvent): WireEvent {
  if (event.type !== 'named') return inSeconds(event);
  const { type, atSample, label, speaker } = event;
  return inSeconds({ type, atSample, label, speaker });
}
