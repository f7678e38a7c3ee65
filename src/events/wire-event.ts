import type { IdentifyEvent } from './events.js';
import { inSeconds } from './in-seconds.js';
import type { WireTurnEvent } from './wire-schemas.js';

/** The event as clients see it: positions in seconds too, and no voiceprint. */
export function wireEvent(event: IdentifyEvent): WireTurnEvent {
  if (event.type !== 'named') return inSeconds(event);
  const { profile, heard, ...told } = event;
  return inSeconds(told);
}
