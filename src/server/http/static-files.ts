import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_HEADERS } from './security-headers.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wav': 'audio/wav',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

/**
 * The page: every file of one folder, read once at the start and served from memory, so that no path leads
 * anywhere else.
 */
export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  constructor(folder: string) {
    for (const name of listFiles(folder)) {
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      const bytes = readFileSync(join(folder, name));
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      this.#files.set(`/${name}`, { bytes, type, etag });
    }
    const index = this.#files.get('/index.html');
    if (index !== undefined) this.#files.set('/', index);
  }

  get paths(): string[] {
    return [...this.#files.keys()];
  }

  /** Answer with the file at one of `paths`. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.#files.get(path)!;
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('etag', file.etag);
    if (request.headers['if-none-match'] === file.etag) {
      response.statusCode = 304;
      response.end();
      return;
    }
    response.setHeader('content-type', file.type);
    response.setHeader('content-length', file.bytes.length);
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }
}

/** Where `npm run build:web` puts the page, seen from the sources and from dist alike. */
export function defaultWebFolder(): string {
  return fileURLToPath(new URL('../../../dist/web', import.meta.url));
}

/** Paths below the folder, with slashes; empty where there is no such folder. */
function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    );
  } catch {
    return [];
  }
}
