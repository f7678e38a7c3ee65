import type { IncomingMessage } from 'node:http';

type Mounted = Pick<IncomingMessage, 'url'> & { readonly originalUrl?: unknown };

/**
 * A request's path and query below `basePath`; null where it is beside it. Whatever is no URL is a path that leads nowhere.
 * A framework that mounts the service may have cut the mount off `url` and keeps the whole in `originalUrl`, as Express
 * does for requests and not for upgrades.
 */
export function requestUrl(request: Mounted, basePath: string): URL | null {
  const url = wholeUrl(request, basePath);
  if (basePath === '') return url;
  if (url.pathname !== basePath && !url.pathname.startsWith(`${basePath}/`)) return null;
  url.pathname = url.pathname.slice(basePath.length);
  return url;
}

/** Whether it asks for the base path without the slash that the page's own links need. */
export function lacksSlash(request: Mounted, basePath: string): boolean {
  return basePath !== '' && wholeUrl(request, basePath).pathname === basePath;
}

function wholeUrl({ url, originalUrl }: Mounted, basePath: string): URL {
  const text = (basePath !== '' && typeof originalUrl === 'string' ? originalUrl : url) ?? '';
  return URL.canParse(text, 'http://server') ? new URL(text, 'http://server') : new URL('http://server/400');
}
