/**
 * The service worker of the page without a server: after the first visit the page works without a network. The build writes in
 * which files there are; a build with other files has another version, and takes the place of the one before when its pages are
 * closed.
 */
declare const FILES: readonly string[];
declare const VERSION: string;

/** The worker's own globals, which TypeScript's DOM library leaves out. */
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: LateEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: AskedEvent) => void): void;
  readonly clients: { claim(): Promise<void> };
  readonly registration: { readonly scope: string };
}
interface LateEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface AskedEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Of this folder: others of the same origin may hold the page too, of another build. */
const PREFIX = `whospeaks-page ${scope.registration.scope} `;
const NAME = PREFIX + VERSION;

async function install(): Promise<void> {
  const cache = await caches.open(NAME);
  // Past the browser's own cache, which may hold files of the build before.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)),
  );
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

scope.addEventListener('install', (event) => {
  event.waitUntil(install());
});
scope.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers());
});
scope.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(answer(event.request));
});

export {};
