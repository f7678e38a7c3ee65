import { setTimeout as sleep } from 'node:timers/promises';
import { tally, type Row } from './row.js';
import { share, type Section, type Task } from './section.js';
import { ATTACKS } from './service/hostile.js';
import { DRAIN_SECONDS, endOf, Stand } from './service/stand.js';
import { probe, watch, type Watched } from './service/watch.js';

const STREAMS = 20;
const WATCH_SECONDS = 15;
const STOPPED_SECONDS = 30;
/** A machine that takes longer for the streams alone carries fewer of them. */
const CARRIED_MS = 500;
/** What a scheduler may add to a few milliseconds; below it nothing is said to have doubled. */
const FLOOR_MS = 100;
const PROBE_MS = 5000;
/** After the drain: the last windows, and the last bytes. */
const FLUSH_SECONDS = 8;

export const service: Section = {
  title: 'The service',
  promise:
    'Live streams beside an attack keep their events: their p99 latency, and the turn of the server, do not double (or ' +
    `stay under ${FLOOR_MS} ms), and no stream ends. SIGTERM ends the server meanwhile with 0, within ${DRAIN_SECONDS + FLUSH_SECONDS} s. A server that was stopped for ` +
    'half a minute keeps its connections.',
  isCompared: true,
  mostSeconds: 900,
  async *run(task) {
    const { first, alone } = await carried(task);
    let stand = first;
    const streams = stand.clients.length;
    yield row(`${streams} live streams alone`, 0, alone, true);
    const names = Object.keys(ATTACKS);
    for (const chosen of [...names.map((name) => [name]), names]) {
      const { result, tried, holds } = await under(stand, chosen, alone, task);
      const what = chosen.length === 1 ? chosen[0]! : 'all of these at once';
      yield { what, tried, result, holds };
      if (holds) continue;
      // What one attack did is not to be held against the next.
      await stand.close();
      stand = await Stand.start(streams);
    }
    yield await stopped(stand, task);
    yield await terminated(stand, names);
    await stand.close();
  },
};

/** As many streams as this machine carries, half as many each time. */
async function carried(task: Task): Promise<{ first: Stand; alone: Watched }> {
  for (let streams = STREAMS; ; streams = Math.floor(streams / 2)) {
    const stand = await Stand.start(streams);
    const alone = await watch(stand.server, stand.clients, share(WATCH_SECONDS, task));
    if (alone.eventP99Ms < CARRIED_MS || streams === 1) return { first: stand, alone };
    await stand.close();
  }
}

async function under(
  stand: Stand,
  names: readonly string[],
  alone: Watched,
  task: Task,
): Promise<Pick<Row, 'result' | 'tried' | 'holds'>> {
  const attack = stand.attack(names);
  // Until the first blows have landed.
  await sleep(2000);
  const seen = await watch(stand.server, stand.clients, share(WATCH_SECONDS, task));
  await attack.stop();
  const isAlive = (await probe(stand.server.url, PROBE_MS)) < PROBE_MS;
  const holds =
    isAlive &&
    seen.ended === 0 &&
    seen.eventP99Ms <= Math.max(FLOOR_MS, 2 * alone.eventP99Ms) &&
    seen.turnP99Ms <= Math.max(FLOOR_MS, 2 * alone.turnP99Ms) &&
    seen.eventsPerSecond > alone.eventsPerSecond / 2;
  const answers = tally(attack.answers) || 'none';
  const result = `${text(seen)}; ${answers}${isAlive ? '' : '; **hangs**'}`;
  return { result, tried: attack.answers.length, holds };
}

function text({ eventP99Ms, turnP99Ms, ended }: Watched): string {
  const lost = ended === 0 ? '' : `; **${ended} streams ended**`;
  return `events p99 ${eventP99Ms.toFixed(0)} ms, turn p99 ${turnP99Ms.toFixed(0)} ms${lost}`;
}

function row(what: string, tried: number, watched: Watched, holds: boolean): Row {
  return { what, tried, result: text(watched), holds };
}

async function stopped({ server, clients }: Stand, task: Task): Promise<Row> {
  const seconds = share(STOPPED_SECONDS, task);
  server.child.kill('SIGSTOP');
  await sleep(seconds * 1000);
  server.child.kill('SIGCONT');
  // They catch up with what was said meanwhile.
  await sleep(10_000);
  const after = await watch(server, clients, share(WATCH_SECONDS, task));
  const holds = after.ended === 0 && after.eventsPerSecond > 0;
  return row(`SIGSTOP for ${seconds} s, then SIGCONT`, 1, after, holds);
}

async function terminated(stand: Stand, names: readonly string[]): Promise<Row> {
  const attack = stand.attack(names);
  await sleep(2000);
  stand.server.child.kill('SIGTERM');
  const most = DRAIN_SECONDS + FLUSH_SECONDS;
  const end = await endOf(stand.server.child, most);
  await attack.stop();
  return {
    what: 'SIGTERM under all of these',
    tried: 1,
    result: end === null ? 'goes on' : `ended with ${end.code} after ${end.seconds.toFixed(1)} s`,
    holds: end?.code === 0,
  };
}
