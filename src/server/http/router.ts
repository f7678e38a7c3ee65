import type { OpenRoute, Route } from './exchange.js';

/** What there is at a path. */
export interface Place {
  /** The path as the routes have it, without what was filled in. */
  readonly pattern: string;
  readonly parts: readonly string[];
  /** The methods that it has, as in an `Allow` header. */
  readonly allow: string;
  /** Whether it needs no token, and whom it is for. */
  readonly access: OpenRoute['access'] | 'token';
  /** The route of a method; `HEAD` is asked for as `GET` is. */
  route(method: string): Route | OpenRoute | undefined;
}

/** Paths to routes. All routes of a path have the same access. */
export class Router {
  readonly #places = new Map<string, (Route | OpenRoute)[]>();

  constructor(routes: readonly (Route | OpenRoute)[]) {
    for (const route of routes)
      this.#places.set(route.path, [...(this.#places.get(route.path) ?? []), route]);
  }

  find(path: string): Place | null {
    for (const [pattern, routes] of this.#places) {
      const parts = match(pattern, path);
      if (parts === null) continue;
      const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
      const first = routes[0]!;
      return {
        pattern,
        parts,
        allow: [...methods, 'OPTIONS'].join(', '),
        access: 'access' in first ? first.access : 'token',
        route: (asked) => routes.find(({ method }) => method === (asked === 'HEAD' ? 'GET' : asked)),
      };
    }
    return null;
  }
}

/** The parts that a pattern leaves open, decoded; null where the path is another. */
export function match(pattern: string, path: string): string[] | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const open: string[] = [];
  for (const [i, part] of wanted.entries()) {
    if (part !== ':') {
      if (part !== given[i]) return null;
      continue;
    }
    const text = decode(given[i]!);
    if (text === null) return null;
    open.push(text);
  }
  return open;
}

function decode(part: string): string | null {
  try {
    return part === '' ? null : decodeURIComponent(part);
  } catch {
    return null;
  }
}
