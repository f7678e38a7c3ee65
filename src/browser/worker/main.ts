/** The worker's program: scripts/build-browser.mjs makes dist/browser/worker.js of it. */
import type { FromWorker, ToWorker } from '../messages.js';
import { WorkerServer } from './server.js';

/** What is used of a worker's global scope; the types of the DOM have the page's alone. */
interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as Scope;
const server = new WorkerServer((message) => {
  scope.postMessage(message);
});
scope.onmessage = ({ data }) => {
  server.on(data);
};
