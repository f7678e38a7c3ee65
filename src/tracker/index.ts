/** [6] Live decisions: who speaks now, unknown voices, corrections. Turns are found in ../turns; ../events has their shape. */
export {
  isUnknownLabel,
  UNKNOWN,
  type AssignCommand,
  type CorrectionEvent,
  type EndEvent,
  type FinalEvent,
  type IdentifyEvent,
  type LagEvent,
  type NameCommand,
  type NamedEvent,
  type SilenceEvent,
  type SpeakersCommand,
  type SpeechStretch,
  type TentativeEvent,
  type TrackCommand,
  type WarningEvent,
} from '../events/events.js';
export type { Learnt } from '../speakers/lessons.js';
export { track, type TrackOptions } from './operator.js';
export { Tracker } from './tracker.js';
export type { TrackerOptions } from './tracker-options.js';
export type { MakeVoiceIndex, VoiceIndex } from '../speakers/voice-index.js';
export { indexVoices } from '../speakers/index-voices.js';
