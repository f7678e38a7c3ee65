import { afterEach, expect, it, vi } from 'vitest';
import { withLock } from '../../src/browser/store/store-lock.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

type Request = (name: string, options: LockOptions, work: () => Promise<unknown>) => Promise<unknown>;

function withLocks(request: Request): void {
  vi.stubGlobal('navigator', { locks: { request } });
}

it('says that another tab writes where it waited too long', async () => {
  withLocks(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => {
          reject(signal!.reason as Error);
        });
      }),
  );
  await expect(withLock('a', 1, () => Promise.resolve())).rejects.toMatchObject({ code: 'store-locked' });
});

it('says that the browser keeps nothing where it gives no lock', async () => {
  withLocks(() => Promise.reject(new DOMException('denied', 'SecurityError')));
  await expect(withLock('a', 60_000, () => Promise.resolve())).rejects.toMatchObject({
    code: 'store-unwritable',
  });
});

it('passes on what the work says, however long it takes', async () => {
  withLocks((_, { signal }, work) =>
    work().finally(() => {
      expect(signal!.aborted).toBe(false);
    }),
  );
  const work = async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error('full');
  };
  await expect(withLock('a', 5, work)).rejects.toThrow('full');
});
