/** [1] Sound in: file, stream, microphone or WebSocket, to mono 16 kHz, to 25 ms / 10 ms frames. */
export * from './types.js';
export { fromBytes, fromFile, type FileOptions } from './file/from-file.js';
export { fromUrl, isUrl, type UrlOptions } from './file/from-url.js';
export { warmDecoderFor } from './file/decode.js';
export { fromPipe, fromReadable } from './readable.js';
export {
  fromMicrophone,
  listMicrophones,
  type MicrophoneOptions,
  type MicrophoneSource,
} from './microphone/from-microphone.js';
export { micDoctor, type MicCheck, type MicDoctorOptions } from './microphone/doctor.js';
export type {
  Capture,
  CaptureBackend,
  CaptureHandlers,
  CaptureRequest,
  InputDevice,
} from './microphone/backend.js';
export { naudiodonBackend } from './microphone/naudiodon.js';
export { microphoneAdvice, type MicrophoneTrouble } from './microphone/advice.js';
export { fromWebSocket, type WebSocketAudioOptions, type WebSocketLike } from './websocket.js';
export type { LiveAudioSource } from './live-input.js';
export type { PcmFormat } from './format.js';
export type { PcmEncoding } from './pcm.js';
export { fromSamples, readAll, realTime } from './source.js';
export { StreamResampler } from './resampler.js';
export { ZeroWatch } from './zero-watch.js';
export { PerChannel } from './chunk.js';
export { Framer } from './framer.js';
export { Demand } from './demand.js';
export { chunks, frames, since } from './operator.js';
export { warnings, type ZeroInputWarning } from './warnings.js';
export { until } from './until.js';
