import { asyncApi } from './asyncapi.js';
import { openApi } from './openapi.js';

/** The descriptions that the server hands out, by path. `docs/openapi.json` and `docs/asyncapi.json` are the same, of a server without `basePath`. */
export function apiDocuments(basePath: string): Readonly<Record<string, unknown>> {
  return { '/v1/openapi.json': openApi(basePath), '/v1/asyncapi.json': asyncApi(basePath) };
}

export { asyncApi, openApi };
