import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { browserAssets } from '../../../scripts/build-browser.mjs';

export const ROOT = join(import.meta.dirname, '../../..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What a strict page allows: its own programs, WebAssembly, and nothing made of text. */
export const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** Fails where the browser's build is missing: nothing that was not tested may look as if it was. */
export function builtAssets(): ReadonlyMap<string, string> {
  const assets = new Map(browserAssets().map(({ from, to }) => [to, from]));
  for (const file of assets.values()) {
    if (!existsSync(file)) throw new Error(`${file} is missing; build it with: npm run build:browser`);
  }
  return assets;
}

export interface Site {
  readonly url: string;
  /** Files that were asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * A server of static files on loopback with a strict policy.
 *
 * @param files by path; a folder answers for all below it
 */
export async function serveSite(files: ReadonlyMap<string, string>): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    asked.push(path);
    const file = fileOf(files, path);
    if (path !== '' && file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = path === '' ? '.html' : extname(path);
    response.setHeader('content-type', TYPES[type] ?? 'application/octet-stream');
    response.setHeader('content-security-policy', STRICT_POLICY);
    const page = files.get('') ?? '';
    response.end(path === '' ? page : readFileSync(file!));
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function fileOf(files: ReadonlyMap<string, string>, path: string): string | undefined {
  for (const [name, target] of files) {
    if (name === '' || !(path === name || path.startsWith(`${name}/`))) continue;
    const file = target + path.slice(name.length);
    if (existsSync(file) && statSync(file).isFile()) return file;
  }
  return undefined;
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}
