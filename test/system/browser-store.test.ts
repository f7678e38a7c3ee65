import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ProfileStore, type Profile } from '../../src/index.js';
import { speakerStoreContract } from '../../src/testing/index.js';
import { AUDIO } from '../helpers.js';
import { bundled, pageOf, serveSite, type Site } from './browser/memory-site.js';
import type { api as Api } from './browser/store-page.js';
import { complaintsOf, launchChromium } from './chromium.js';

declare const api: typeof Api;

const voice = (name: string, seed: number): Profile => {
  const values = Float32Array.from({ length: 8 }, (_, i) => Math.sin(seed * (i + 1)));
  const unit = values.map((value) => value / Math.hypot(...values));
  return {
    name,
    model: { name: 'test', fingerprint: 'cd'.repeat(32) },
    dimension: 8,
    centroid: unit,
    exemplars: [unit],
    speechSeconds: 10,
    recordings: 1,
    consistency: 0.9,
  };
};

describe('the store in IndexedDB, in Chromium', () => {
  let site: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    const files = await bundled({ 'store-page': 'store-page.ts' });
    site = await serveSite((path) => (path === 'index.html' ? pageOf('store-page.js') : files.get(path)));
    browser = await launchChromium(`${AUDIO}/alice.wav`);
    context = await browser.newContext();
    page = await opened(context);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function opened(where: BrowserContext): Promise<Page> {
    const page = await where.newPage();
    await page.goto(site.origin);
    await page.waitForFunction(() => 'api' in globalThis);
    return page;
  }
  /** What goes into the page loses its types on the way. */
  const wire = ({ centroid, exemplars, ...rest }: Profile): object => ({
    ...rest,
    centroid: [...centroid],
    exemplars: exemplars.map((each) => [...each]),
  });
  const put = (where: Page, store: string, profile: Profile, replaces?: string): Promise<string> =>
    where.evaluate(
      ([name, profile, replaces]) => {
        const { centroid, exemplars, ...rest } = profile as { centroid: number[]; exemplars: number[][] };
        const made = {
          ...rest,
          centroid: Float32Array.from(centroid),
          exemplars: exemplars.map((each) => Float32Array.from(each)),
        } as unknown as Profile;
        return api.codeOf(new api.BrowserStore({ name }).put(made, { replaces }));
      },
      [store, wire(profile), replaces] as const,
    );
  const names = (where: Page, store: string): Promise<string[]> =>
    where.evaluate(
      async (name) => (await new api.BrowserStore({ name }).list()).profiles.map((each) => each.name),
      store,
    );

  describe('keeps the contract:', () => {
    for (const { name } of speakerStoreContract(() => new ProfileStore()))
      it(name, async () => {
        expect(await page.evaluate((name) => api.runCase(name), name)).toBeUndefined();
      });
  });

  it('keeps nothing that says who is in it, or how the voice is, in the clear', async () => {
    await put(page, 'sealed', voice('Ångström', 3));
    const [key, rows] = await page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('sealed');
        request.onsuccess = () => {
          resolve(request.result);
        };
      });
      const all = (table: string): Promise<unknown[]> =>
        new Promise((resolve) => {
          const request = db.transaction(table).objectStore(table).getAll();
          request.onsuccess = () => {
            resolve(request.result as unknown[]);
          };
        });
      const key = ((await all('meta')) as [CryptoKey])[0];
      const rows = (await all('speakers')) as { data: ArrayBuffer; id: string }[];
      const exported = await crypto.subtle.exportKey('raw', key).then(
        () => 'exported',
        (error: unknown) => (error as Error).name,
      );
      return [
        { exported, extractable: key.extractable, algorithm: key.algorithm },
        rows.map(({ data, ...row }) => ({
          keys: Object.keys(row),
          text: new TextDecoder('latin1').decode(data),
        })),
      ] as const;
    });
    expect(key).toEqual({
      exported: 'InvalidAccessError',
      extractable: false,
      algorithm: { name: 'AES-GCM', length: 256 },
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]!.keys.toSorted()).toEqual(['id', 'iv']);
    for (const word of ['ngstr', 'centroid', 'fingerprint', 'cdcdcd'])
      expect(rows[0]!.text).not.toContain(word);
  });

  it('tells a row that was put in the place of another, or damaged, and keeps the rest', async () => {
    for (const [name, seed] of [
      ['alice', 1],
      ['bob', 2],
      ['carol', 3],
    ] as const)
      await put(page, 'swapped', voice(name, seed));
    const told = await page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('swapped');
        request.onsuccess = () => {
          resolve(request.result);
        };
      });
      const store = new api.BrowserStore({ name: 'swapped' });
      const [alice, bob] = (await store.list()).profiles;
      const table = db.transaction('speakers', 'readwrite').objectStore('speakers');
      await new Promise((resolve) => {
        const request = table.get(alice!.id!);
        request.onsuccess = () => {
          table.put({ ...(request.result as object), id: bob!.id }, bob!.id).onsuccess = resolve;
        };
      });
      const { profiles, damaged } = await store.list();
      const refused = await api.codeOf(store.get(damaged[0]!.name));
      await store.delete(damaged[0]!.name, { erase: true });
      const left = await store.list();
      return [profiles.map(({ name }) => name), damaged.length, refused, left.damaged.length] as const;
    });
    expect(told).toEqual([
      ['alice', 'carol'],
      1,
      expect.stringMatching(/^store-corrupt: .*encrypted with a key/),
      0,
    ]);
  });

  it('of two tabs that write at once loses nothing, and each is told', async () => {
    const other = await opened(context);
    await other.evaluate(() => {
      const told: number[] = [];
      Object.assign(globalThis, { told });
      new api.BrowserStore({ name: 'tabs' }).watch(() => told.push(Date.now()));
    });
    const added = Array.from({ length: 6 }, (_, i) => voice(`speaker-${i}`, i + 1));
    const outcomes = await Promise.all(
      added.map((profile, i) => put(i % 2 === 0 ? page : other, 'tabs', profile)),
    );
    expect(outcomes).toEqual(added.map(() => 'fulfilled'));
    expect(await names(page, 'tabs')).toEqual(added.map(({ name }) => name));
    expect(await names(other, 'tabs')).toEqual(added.map(({ name }) => name));
    await expect
      .poll(() => other.evaluate(() => (globalThis as unknown as { told: number[] }).told.length))
      .toBe(6);
    await other.close();
  });

  it('says that another tab holds it, and goes on when that one is closed', async () => {
    const other = await opened(context);
    await other.evaluate(
      () =>
        new Promise<void>((resolve) => {
          void navigator.locks.request('held writer', () => {
            resolve();
            return new Promise(() => undefined);
          });
        }),
    );
    const tried = page.evaluate(() =>
      api.codeOf(new api.BrowserStore({ name: 'held', lockWaitMs: 300 }).delete('alice')),
    );
    expect(await tried).toMatch(/^store-locked: another tab/);
    const waits = put(page, 'held', voice('alice', 1));
    await other.close();
    expect(await waits).toBe('fulfilled');
  });

  it('shown again after a sleep, is told of what it missed', async () => {
    await put(page, 'slept', voice('alice', 1));
    await page.evaluate(async () => {
      let told = 0;
      Object.assign(globalThis, { missed: () => told });
      // A frozen tab is told nothing: the channel is taken away for as long.
      const { BroadcastChannel } = globalThis;
      globalThis.BroadcastChannel = class extends EventTarget {
        onmessage = null;
        close(): void {
          // Nothing is open.
        }
      } as unknown as typeof BroadcastChannel;
      const store = new api.BrowserStore({ name: 'slept' });
      store.watch(() => told++);
      globalThis.BroadcastChannel = BroadcastChannel;
      await store.list();
    });
    await put(page, 'slept', voice('bob', 2));
    const missed = (): Promise<number> =>
      page.evaluate(() => (globalThis as unknown as { missed: () => number }).missed());
    expect(await missed()).toBe(0);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect.poll(missed).toBe(1);
  });

  it('exports what Node imports, and imports what Node exports, to the bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-export-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const node = new ProfileStore({ folder: join(folder, 'store') });
    await node.put(voice('alice', 1));
    await node.put(voice('bob', 2));
    const file = join(folder, 'out.json');
    await node.export(file);
    const text = readFileSync(file, 'utf8');
    const taken = await page.evaluate(async (text) => {
      const store = new api.BrowserStore({ name: 'moved' });
      const names = await store.import(new File([text], 'out.json'));
      return { names, again: await store.import(text), text: await store.export() };
    }, text);
    expect(taken).toEqual({ names: ['alice', 'bob'], again: [], text });
    writeFileSync(file, taken.text);
    const back = new ProfileStore({ folder: join(folder, 'back') });
    await back.import(file);
    expect((await back.get('bob')).centroid).toEqual(voice('', 2).centroid);
    const refused = await page.evaluate(
      (text) =>
        api.codeOf(
          new api.BrowserStore({ name: 'moved' }).import(text.replaceAll('"dimension": 8', '"dimension": 9')),
        ),
      text,
    );
    expect(refused).toMatch(/^store-corrupt: the file cannot be imported: .*; nothing was imported$/);
  });

  it('says so where the browser has no room, and changes nothing', async () => {
    const fresh = await browser.newContext();
    onTestFinished(() => fresh.close());
    const full = await opened(fresh);
    const devtools = await fresh.newCDPSession(full);
    // Before the first use: the browser remembers for a while how much room there is.
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 1_000_000 });
    expect(await put(full, 'full', voice('alice', 1))).toBe('fulfilled');
    const bob = await full.evaluate(async () => {
      const store = new api.BrowserStore({ name: 'full' });
      const alice = await store.get('alice');
      const recordings = [{ bytes: new Uint8Array(4_000_000) }];
      return api.codeOf(store.put({ ...alice, name: 'bob' }, { recordings }));
    });
    expect(bob).toMatch(/^store-unwritable: the browser has no more room/);
    expect(await names(full, 'full')).toEqual(['alice']);
  });

  it('says so where the browser keeps nothing, and where a page may not encrypt', async () => {
    await put(page, 'given', voice('alice', 1));
    const exported = await page.evaluate(() => new api.BrowserStore({ name: 'given' }).export());
    const told = await page.evaluate(async (exported) => {
      const refuse = (): never => {
        throw new DOMException('storage is refused', 'SecurityError');
      };
      const open = Object.getOwnPropertyDescriptor(IDBFactory.prototype, 'open')!;
      IDBFactory.prototype.open = refuse;
      const list = await api.codeOf(new api.BrowserStore({ name: 'refused' }).list());
      Object.defineProperty(IDBFactory.prototype, 'open', open);
      const subtle = Object.getOwnPropertyDescriptor(Crypto.prototype, 'subtle')!;
      Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined, configurable: true });
      const insecure = await api.codeOf(new api.BrowserStore({ name: 'insecure' }).import(exported));
      Object.defineProperty(Crypto.prototype, 'subtle', subtle);
      return [list, insecure];
    }, exported);
    expect(told[0]).toMatch(/^store-unwritable: the browser does not keep .*storage is refused/);
    expect(told[1]).toMatch(/^store-unwritable: this page may not encrypt/);
  });

  it('opens again after the site data was deleted', async () => {
    const fresh = await browser.newContext();
    onTestFinished(() => fresh.close());
    const own = await opened(fresh);
    const complaints = complaintsOf(own);
    await own.evaluate(async () => {
      const store = new api.BrowserStore({ name: 'deleted' });
      Object.assign(globalThis, { store });
      await store.list();
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('deleted');
        request.onsuccess = resolve;
        request.onblocked = () => {
          reject(new Error('blocked'));
        };
      });
    });
    const again = await own.evaluate(async () => {
      const { store } = globalThis as unknown as { store: InstanceType<typeof api.BrowserStore> };
      return (await store.list()).profiles.length;
    });
    expect(again).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('keeps what is put after the site data was deleted under a key that is kept too', async () => {
    await put(page, 'given-again', voice('alice', 1));
    const left = await page.evaluate(async () => {
      const alice = await new api.BrowserStore({ name: 'given-again' }).get('alice');
      const store = new api.BrowserStore({ name: 'forgotten' });
      await store.put(alice);
      await new Promise((resolve) => {
        indexedDB.deleteDatabase('forgotten').onsuccess = resolve;
      });
      await store.put({ ...alice, name: 'bob' });
      // As another tab, or the page after a reload, reads it.
      const { profiles, damaged } = await new api.BrowserStore({ name: 'forgotten' }).list();
      return [profiles.map(({ name }) => name), damaged.map(({ reason }) => reason)];
    });
    expect(left).toEqual([['bob'], []]);
  });

  it('makes a change anew where the site data is deleted, or the store closed, just then', async () => {
    const told = await page.evaluate(async () => {
      const alice = await new api.BrowserStore({ name: 'given-again' }).get('alice');
      const all: unknown[] = [];
      for (let i = 0; i < 12; i++) {
        const name = `contested-${i}`;
        const store = new api.BrowserStore({ name });
        await store.list();
        const put = api.codeOf(store.put(alice));
        // After ever more steps of the change.
        for (let step = 0; step < i; step++) await new Promise((resolve) => setTimeout(resolve));
        if (i % 2 === 0) await store.close();
        else await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
        const outcome = await put;
        const { damaged } = await new api.BrowserStore({ name }).list();
        all.push([outcome, damaged.length]);
      }
      return all;
    });
    expect(told).toEqual(Array.from({ length: 12 }, () => ['fulfilled', 0]));
  });
});
