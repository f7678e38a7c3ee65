import { setImmediate as turn } from 'node:timers/promises';
import { ERROR_CODES, isWhospeaksError } from '../../src/errors.js';

export interface Reply {
  /** A word of the job's own, or the code of the error that it ended with. */
  readonly result: string;
  /** What must not be: an error without a code, or one that nobody caught. */
  readonly faults: readonly string[];
  readonly peakMiB: number;
}

export type ChildMessage = 'alive' | Reply;

const MIB = 1024 * 1024;

/**
 * The child's side of `WatchedChild`: does each job and tells how it ended. A job says now and then that it is `alive`
 * where it has much to do.
 */
export function answerJobs(work: (job: unknown, alive: () => void) => Promise<string>): void {
  const faults: string[] = [];
  process.on('unhandledRejection', (reason) => faults.push(`unhandled rejection: ${String(reason)}`));
  process.on('uncaughtException', (error) => faults.push(`uncaught exception: ${String(error)}`));
  const alive = (): void => {
    process.send!('alive');
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', (job: unknown) => {
    void (async () => {
      let result: string;
      try {
        result = await work(job, alive);
      } catch (error) {
        if (isWhospeaksError(error) && ERROR_CODES.includes(error.code)) result = error.code;
        else faults.push(`no code: ${(result = String(error))}`);
      }
      // What nobody caught is told a turn later.
      await turn();
      process.send!({
        result,
        faults: faults.splice(0),
        peakMiB: (process.resourceUsage().maxRSS * 1024) / MIB,
      } satisfies Reply);
    })();
  });
  alive();
}
