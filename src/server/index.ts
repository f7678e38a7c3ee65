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
export type { SessionRegistry } from './session/registry.js';
export type { EnrollModel } from '../speakers/enroll.js';
export { isTextLog } from './logger.js';
