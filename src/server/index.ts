/** The service: streams over WebSocket, speakers over HTTP; docs/server.md. */
export { serve, type RunningServer } from './serve.js';
export { createService } from './service.js';
export type { Service, ServiceParts } from './service-parts.js';
export { configSchema, type ServerConfig, type ServerConfigInput } from './config.js';
export {
  checkConfig,
  checkReload,
  loadConfig,
  readSettings,
  readTokensFile,
  type Settings,
  type SettingsPlaces,
} from './load-config.js';
export { makeToken, type TokenRecord } from './access/tokens.js';
export type { ServerMetrics } from './metrics.js';
export type { StreamList, StreamState } from './stream-list.js';
export type { EnrollModel } from '../speakers/enroll.js';
export type { Adaptation, ModelIdentity, Profile } from '../speakers/profile.js';
// What a `SpeakerStore` of your own is made of.
export type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from '../speakers/store/speaker-store.js';
export type { DamagedProfile } from '../speakers/store/store-contents.js';
export type { StoreWarning } from '../speakers/store/store-exposure.js';
// What an `EnrollModel` of your own is made of.
export type { WindowEmbedder } from '../native/operator.js';
export type { WindowEmbedding } from '../native/types.js';
export type { FeatureWindow, WindowStep } from '../fbank/types.js';
export type { ChannelOf, OfChannel } from '../stream/types.js';
export type { Calibration, Scoring } from '../model/types.js';
export { isTextLog } from './logger.js';
