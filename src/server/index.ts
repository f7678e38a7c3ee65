/** The service: streams over WebSocket, speakers over HTTP; docs/server.md. */
export { serve, type RunningServer } from './serve.js';
export { createService, type Service, type ServiceParts } from './service.js';
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
export type { ModelIdentity } from '../speakers/profile.js';
// What an `EnrollModel` of your own is made of.
export type { WindowEmbedder } from '../native/operator.js';
export type { WindowEmbedding } from '../native/types.js';
export type { FeatureWindow, WindowStep } from '../fbank/types.js';
export type { Calibration, Scoring } from '../model/types.js';
export { isTextLog } from './logger.js';
