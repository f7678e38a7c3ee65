import { isDeepStrictEqual } from 'node:util';
import { reachableBytes } from '../../test/reachable-bytes.js';
import { MessageAttack } from '../../test/server/message-attack.js';
import { sendAll } from '../../test/server/reference-client.js';
import { hello, meetingPcm, startServer } from '../../test/server/support.js';
import { tally, type Row } from './row.js';
import { share, type Section } from './section.js';

const MESSAGES = 1_000_000;
const MOST_GROWTH_MIB = 8;
const MIB = 1024 * 1024;
/** A fault of the server, which no message may be. */
const FAILED = 4500;

export const protocol: Section = {
  title: 'Protocol',
  promise:
    `A message closes at most its own connection, with a documented code other than ${FAILED}. Memory grows by less than ` +
    `${MOST_GROWTH_MIB} MiB, and another stream gets the same events as alone.`,
  mostSeconds: 900,
  async *run(task) {
    const uncaught: string[] = [];
    process.on('unhandledRejection', (reason) => uncaught.push(`unhandled rejection: ${String(reason)}`));
    process.on('uncaughtException', (error) => uncaught.push(`uncaught exception: ${String(error)}`));
    // A stack for each of a million errors is what would cost most here.
    Error.stackTraceLimit = 1;
    const count = share(MESSAGES, task);
    const attack = new MessageAttack(task.seed);
    const held = async (): Promise<number> => {
      await attack.settle();
      return reachableBytes(globalThis.gc!, { rounds: 10, waitMs: 50 });
    };
    const server = await startServer();
    const witness = (): ReturnType<typeof sendAll> => sendAll(() => server.port, hello, meetingPcm(20), 3200);
    const alone = await witness();

    // What is made once is made by the first tenth.
    await attack.run(Math.ceil(count / 10));
    const before = await held();
    const beside = witness();
    await attack.run(count - Math.ceil(count / 10));
    const same = isDeepStrictEqual((await beside).events, alone.events);
    const growth = ((await held()) - before) / MIB;
    await server.close();

    const codes = [...attack.closeCodes].flatMap(([code, times]) => Array<string>(times).fill(String(code)));
    const faults = [...uncaught, ...attack.faults.map(String)];
    const row = (what: string, result: string, holds: boolean): Row => {
      return { what, tried: count, result, holds };
    };
    yield row('close codes', tally(codes), !attack.closeCodes.has(FAILED));
    yield row('errors without a code, uncaught ones', tally(faults) || 'none', faults.length === 0);
    yield row('growth of the heap', `${growth.toFixed(1)} MiB`, growth < MOST_GROWTH_MIB);
    yield row('a stream beside it', same ? 'the same events' : 'other events', same);
  },
};
