/** Runs in Chromium: what `browser-store.test.ts` asks of the store. */
import { BrowserStore } from '../../../src/browser/store/browser-store.js';
import { speakerStoreContract } from '../../../src/testing/speaker-store-contract.js';

let made = 0;
const contract = speakerStoreContract(
  () => new BrowserStore({ name: `contract-${made++}` }),
  (store) => new BrowserStore({ name: store.name }),
);

/** Undefined where it holds. */
async function runCase(name: string): Promise<string | undefined> {
  try {
    await contract.find((one) => one.name === name)!.run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
  }
}

/** The code of a promise that is rejected. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'fulfilled';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code ?? 'no code'}: ${message}`;
  }
}

export const api = { BrowserStore, names: contract.map(({ name }) => name), runCase, codeOf };
Object.assign(globalThis, { api });
