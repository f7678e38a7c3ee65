import { build, type BuildOptions } from 'esbuild';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { ROOT } from '../../setup/built-sources.js';

/** What a page of ours is promised to need, and nothing more. */
export const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; " +
  "img-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'";

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  json: 'application/json',
  wav: 'audio/wav',
};

export interface Site {
  readonly origin: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A web site of its own on the loopback, with a strict content security policy. @param read the bytes of a path without its first slash */
export async function serveSite(
  read: (path: string) => Uint8Array | string | undefined,
  headers: Readonly<Record<string, string>> = { 'content-security-policy': STRICT_POLICY },
): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    asked.push(pathname);
    const path = pathname.endsWith('/') ? `${pathname.slice(1)}index.html` : pathname.slice(1);
    const body = read(path);
    if (body === undefined) {
      response.writeHead(path === 'favicon.ico' ? 204 : 404).end();
      return;
    }
    const type = TYPES[path.split('.').at(-1)!] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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

/** Programs of this folder, bundled for a browser: their text by name, `NAME.js`. */
export async function bundled(
  entries: Readonly<Record<string, string>>,
  options: BuildOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const here = import.meta.dirname;
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [
        name,
        isAbsolute(file) ? file : file.startsWith('src/') ? join(ROOT, file) : join(here, file),
      ]),
    ),
    bundle: true,
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'chrome100',
    logLevel: 'warning',
    alias: { 'node:assert/strict': join(here, 'assert.ts'), 'node:timers/promises': join(here, 'timers.ts') },
    ...options,
  });
  return new Map(outputFiles!.map(({ path, text }) => [path.slice(1), text]));
}

/** A page that does nothing but run a program. */
export function pageOf(script: string): string {
  return `<!doctype html><html lang="en"><title>test</title><script type="module" src="${script}"></script>`;
}
