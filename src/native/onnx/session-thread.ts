/** The thread that runs onnxruntime: its calls block whoever makes them, and the event loop has live streams to serve. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Feed, FromSession, SessionData, ToSession } from './messages.js';

/** The part of onnxruntime-node that is used. */
interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
interface Runtime {
  readonly Tensor: new (type: Feed['type'], data: Feed['data'], dims: readonly number[]) => Tensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}
interface Session {
  run(feeds: Record<string, Tensor>, outputs: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

const { runtime, model, threads, output } = workerData as SessionData;
const port = parentPort!;
const tell = (message: FromSession): void => {
  port.postMessage(message);
};
const failure = (error: unknown): void => {
  tell({ type: 'failure', message: error instanceof Error ? error.message : String(error) });
};

async function serve(): Promise<void> {
  const ort = createRequire(import.meta.url)(runtime) as Runtime;
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors alone: warnings would go to the program's own output.
    logSeverityLevel: 3,
  });
  port.on('message', (message: ToSession) => {
    if (message === null) {
      port.close();
      void session.release();
      return;
    }
    const feeds = Object.entries(message.feeds).map(
      ([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)] as const,
    );
    session.run(Object.fromEntries(feeds), [output]).then((results) => {
      const { data, dims } = results[output]!;
      tell({ type: 'result', data: new Float32Array(data), dims: [...dims] });
    }, failure);
  });
  tell({ type: 'ready' });
}

serve().catch(failure);
