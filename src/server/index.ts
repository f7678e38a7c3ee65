/** The service: streams over WebSocket, speakers over HTTP. */
export { configSchema, type ServerConfig, type ServerConfigInput } from './config.js';
export { loadConfig, readTokensFile, type Settings } from './load-config.js';
export { serve, type RunningServer, type ServeParts } from './serve.js';
export { makeToken, type TokenRecord } from './access/tokens.js';
