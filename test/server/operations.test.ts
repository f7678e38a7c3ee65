import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation } from '../../src/server/http/operations.js';
import type { RunningServer } from '../../src/server/index.js';
import { errorReplySchema } from '../../src/server/reply-schemas.js';
import { startServer } from './support.js';

const all = Object.entries<Operation>(OPERATIONS);
const filled = ({ path }: Operation): string => path.replace(/\{\w+\}/g, 'nobody');

describe('the HTTP interface and its description', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  const ask = async (method: string, path: string) => {
    const response = await fetch(`${server.url}${path}`, { method });
    const text = await response.text();
    return { status: response.status, allow: response.headers.get('allow'), text };
  };

  it.each(all)('%s is answered as it is described', async (_name, operation) => {
    const { status, text } = await ask(operation.method, filled(operation));
    const reply = operation.replies[status];
    if (reply === undefined) {
      // An error of the operation itself, not of the path or the method.
      const { error } = errorReplySchema.parse(JSON.parse(text));
      expect([405, 500, 501]).not.toContain(status);
      expect(error.message).not.toMatch(/no such path|nothing at this path/i);
      return;
    }
    if (reply.schema === undefined) return;
    const body: unknown = /^\s*[{[]/.test(text) ? JSON.parse(text) : text;
    expect(reply.schema.safeParse(body).error).toBeUndefined();
  });

  it('no method beside those described is answered', async () => {
    const paths = new Map<string, Set<string>>();
    for (const [, operation] of all) {
      const methods = paths.get(filled(operation)) ?? new Set(['OPTIONS']);
      methods.add(operation.method);
      if (operation.method === 'GET') methods.add('HEAD');
      paths.set(filled(operation), methods);
    }
    for (const [path, described] of paths) {
      for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { status, allow } = await ask(method, path);
        if (described.has(method)) expect(status, `${method} ${path}`).not.toBe(405);
        else expect([status, allow?.split(', ').sort()]).toEqual([405, [...described].sort()]);
      }
    }
  });

  it('a path that is not described is refused', async () => {
    for (const path of [
      '/v1',
      '/v1/',
      '/v1/speaker',
      '/v1/speakers/',
      '/v1/speakers/a/b',
      '/v1/sessions/a',
      '/v2/speakers',
    ]) {
      expect((await ask('GET', path)).status, path).toBe(404);
    }
  });
});
