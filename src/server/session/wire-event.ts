import type { WireEvent } from '../../protocol/index.js';
import { SAMPLE_RATE_HZ } from '../../stream/index.js';
import type { IdentifyEvent, SpeechStretch } from '../../tracker/index.js';

/** The event as clients see it: positions in seconds too, and no voiceprint. */
export function wireEvent(event: IdentifyEvent): WireEvent {
  switch (event.type) {
    case 'tentative':
    case 'correction':
      return { ...withSeconds(event), at: seconds(event.atSample) };
    case 'final':
      return { ...withSeconds(event), at: seconds(event.atSample), speech: event.speech.map(withSeconds) };
    case 'named': {
      const { type, atSample, label, speaker } = event;
      return { type, atSample, label, speaker, at: seconds(atSample) };
    }
    case 'silence':
      return { ...event, start: seconds(event.startSample), at: seconds(event.atSample) };
    case 'lag':
    case 'warning':
      return { ...event, start: seconds(event.startSample) };
    case 'end':
      return { ...event, end: seconds(event.endSample) };
  }
}

function withSeconds<Span extends SpeechStretch>(span: Span): Span & { start: number; end: number } {
  return { ...span, start: seconds(span.startSample), end: seconds(span.endSample) };
}

function seconds(samples: number): number {
  return samples / SAMPLE_RATE_HZ;
}
