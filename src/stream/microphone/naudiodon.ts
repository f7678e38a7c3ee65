import { fork, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { WhospeaksError } from '../../errors.js';
import { assertUnbundled, sourceArguments } from '../../package-file.js';
import { microphoneAdvice } from './advice.js';
import type { Capture, CaptureBackend, CaptureHandlers, CaptureRequest, InputDevice } from './backend.js';
import type { FromCapture, ToCapture } from './naudiodon-messages.js';

/** How long the process may take to answer: loading PortAudio probes every device. */
const ANSWER_MS = 15_000;
const CLOSE_MS = 1_500;
const OVERFLOW = /input (overflow|underflow)/g;

/**
 * Capture through naudiodon (PortAudio), an optional dependency of this package. It runs in a process of
 * its own, started when first needed: see naudiodon-process.ts for why.
 */
export const naudiodonBackend: CaptureBackend = {
  name: 'naudiodon',

  async listDevices() {
    const child = start();
    try {
      return await new Promise<readonly InputDevice[]>((resolve, reject) => {
        converse(child, { type: 'list' }, reject, (message) => {
          if (message.type === 'devices') resolve(message.devices);
        });
      });
    } finally {
      await stop(child);
    }
  },

  async open(request: CaptureRequest, handlers: CaptureHandlers): Promise<Capture> {
    const child = start();
    watchOverflow(child, handlers.onOverflow);
    let opened = false;
    let closing = false;
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (error: Error): void => {
          if (closing) return;
          if (opened) handlers.onError(error);
          else reject(error);
        };
        converse(child, { type: 'open', ...request }, fail, (message) => {
          if (message.type === 'data') handlers.onData(message.bytes);
          if (message.type === 'opened') {
            opened = true;
            resolve();
          }
        });
      });
    } catch (error) {
      closing = true;
      await stop(child);
      throw error;
    }
    return {
      close: async () => {
        closing = true;
        await stop(child);
      },
    };
  },
};

function start(): ChildProcess {
  assertUnbundled(import.meta.url, 'stream/microphone/naudiodon');
  // Run from the TypeScript sources (tests, examples) there is no compiled file beside this one.
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = new URL(`./naudiodon-process.${fromSource ? 'ts' : 'js'}`, import.meta.url);
  return fork(fileURLToPath(entry), {
    // naudiodon's fault handler writes crash.log where it stands.
    cwd: tmpdir(),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: fromSource ? sourceArguments() : [],
  });
}

/** Ask, and pass on what comes back; anything that ends the talk goes to `fail`. */
function converse(
  child: ChildProcess,
  request: ToCapture,
  fail: (error: Error) => void,
  onMessage: (message: FromCapture) => void,
): void {
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-500)));
  const timer = setTimeout(() => {
    fail(new Error(`the sound system did not answer in ${ANSWER_MS / 1000} s`));
  }, ANSWER_MS);
  child.on('message', (message: FromCapture) => {
    clearTimeout(timer);
    if (message.type === 'error') fail(new Error(message.message));
    else if (message.type === 'missing') fail(missing(message.message));
    else onMessage(message);
  });
  child.on('error', (error) => {
    clearTimeout(timer);
    fail(error);
  });
  child.on('exit', (code, signal) => {
    clearTimeout(timer);
    const last = said.trim().split('\n').at(-1) ?? '';
    fail(new Error(`the capture process ended (${signal ?? `exit code ${String(code)}`}) ${last}`.trim()));
  });
  child.send(request);
}

function missing(message: string): WhospeaksError {
  const why = message.split('\n')[0] ?? '';
  return new WhospeaksError(
    'microphone-unavailable',
    `the optional package naudiodon, which captures sound, cannot be loaded (${why}): ${microphoneAdvice('module-missing')}`,
  );
}

/** naudiodon tells of an overflow only by printing it. */
function watchOverflow(child: ChildProcess, onOverflow: () => void): void {
  child.stdout?.on('data', (text: Buffer) => {
    const count = text.toString().match(OVERFLOW)?.length ?? 0;
    for (let i = 0; i < count; i++) onOverflow();
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  if (child.connected) child.send({ type: 'close' } satisfies ToCapture);
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
  await gone;
  clearTimeout(timer);
}
