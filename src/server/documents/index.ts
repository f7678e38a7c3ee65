import { asyncApi } from './asyncapi.js';
import { openApi } from './openapi.js';

/** The descriptions that the server hands out, by path. `docs/openapi.json` and `docs/asyncapi.json` are the same. */
export function apiDocuments(): Readonly<Record<string, unknown>> {
  return { '/v1/openapi.json': openApi(), '/v1/asyncapi.json': asyncApi() };
}

export { asyncApi, openApi };
