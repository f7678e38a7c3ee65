/** [1] Sound in, in a browser: each a `SoundSource`. */
export type { CapturedSource } from './capture-source.js';
export {
  fromDisplay,
  fromMicrophone,
  fromTrack,
  type BrowserMicrophoneOptions,
  type LiveOptions,
  type MediaTrack,
} from './live.js';
export { fromFile, fromResponse, type RecordingOptions } from './recording.js';
