/**
 * `npm run load`: how many live streams a server on this machine holds with a p99 event latency under a second, what
 * a stream costs in memory, and what ten times that many clients do. Server and clients share the machine; all of it
 * is loopback, and bounded. `-- --write` puts the figures into docs/server.md. Environment: LOAD_SECONDS a step (15).
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { percentile, type LiveClient } from './live-client.js';
import { connect, rssMiB, startServer, stop } from './server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECONDS = Number(process.env.LOAD_SECONDS ?? 15);
const MOST_STREAMS = 512;
const MOST_CLIENTS = 2000;
const LIMIT_MS = 1000;
/** Busier than this before anything was started: the figures are not of this machine alone. */
const BUSY = 0.1;
const pcm = readFileSync(join(ROOT, 'examples/audio/meeting.wav')).subarray(44);

interface Step {
  readonly streams: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMiB: number;
}

/** More than are to come: connections are not what is measured. */
const MANY = { WHOSPEAKS_SERVE_MAX_CONNECTIONS: '4000' };
const home = mkdtempSync(join(tmpdir(), 'whospeaks-load-'));

async function measure(clients: readonly LiveClient[], child: ChildProcess): Promise<Step> {
  await sleep(5000);
  for (const client of clients) client.reset();
  await sleep(SECONDS * 1000);
  const delays = clients.flatMap(({ delaysMs }) => delaysMs);
  return {
    streams: clients.length,
    p50Ms: percentile(delays, 0.5),
    p99Ms: percentile(delays, 0.99),
    rssMiB: rssMiB(child),
  };
}

async function tryStreams(streams: number): Promise<Step & { holds: boolean }> {
  const { child, url } = await startServer(home, ['--max-streams', String(streams)], MANY);
  try {
    const clients = await connect(url, streams, pcm);
    const step = await measure(clients, child);
    const holds = clients.every(({ isWelcome }) => isWelcome) && step.p99Ms < LIMIT_MS;
    for (const client of clients) client.close();
    print(
      `${streams} streams: p50 ${step.p50Ms.toFixed(0)} ms, p99 ${step.p99Ms.toFixed(0)} ms, ${step.rssMiB.toFixed(0)} MiB${holds ? '' : ' - too many'}`,
    );
    return { ...step, holds };
  } finally {
    await stop(child);
  }
}

/** The most streams held: doubled until it is too much, then halved in between. */
async function findMost(): Promise<Step[]> {
  const steps: Step[] = [];
  let low = 0;
  let high = Infinity;
  for (let streams = 2; streams <= MOST_STREAMS && high - low > Math.max(1, low / 10);) {
    const step = await tryStreams(streams);
    if (step.holds) {
      low = streams;
      steps.push(step);
    } else high = streams;
    streams = high === Infinity ? streams * 2 : Math.floor((low + high) / 2);
  }
  return steps.sort((a, b) => a.streams - b.streams);
}

/** Every third step, the most among them: those between say no more. */
function everyThird(steps: readonly Step[]): Step[] {
  return steps.filter((_, i) => (steps.length - 1 - i) % 3 === 0);
}

async function overload(streams: number): Promise<string[]> {
  const { child, url } = await startServer(home, ['--max-streams', String(streams)], MANY);
  try {
    const first = await connect(url, streams, pcm);
    const alone = await measure(first, child);
    const before = rssMiB(child);
    const crowd: LiveClient[] = [];
    const wanted = Math.min(MOST_CLIENTS, streams * 9);
    for (const client of first) client.reset();
    crowd.push(...(await connect(url, wanted, pcm)));
    await sleep(SECONDS * 1000);
    const delays = first.flatMap(({ delaysMs }) => delaysMs);
    const told = tally(
      crowd.map(({ refusal, isWelcome }) => refusal ?? (isWelcome ? 'served' : 'no answer')),
    );
    const after = rssMiB(child);
    for (const client of [...first, ...crowd]) client.close();
    return [
      `| the first ${streams}, alone | p50 ${alone.p50Ms.toFixed(0)} ms, p99 ${alone.p99Ms.toFixed(0)} ms, ${before.toFixed(0)} MiB |`,
      `| ${wanted} more come | ${told} |`,
      `| the first ${streams} meanwhile | p50 ${percentile(delays, 0.5).toFixed(0)} ms, p99 ${percentile(delays, 0.99).toFixed(0)} ms, ${after.toFixed(0)} MiB |`,
    ];
  } finally {
    await stop(child);
  }
}

/** How often each occurs, the most frequent first: "3 x b, 1 x a". */
function tally(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([value, count]) => `${count} x ${value}`)
    .join(', ');
}

/** Share of the processors that others use now, 0 to 1, over two seconds. */
async function othersShare(): Promise<number> {
  const times = (): { all: number; idle: number } => {
    const sum = { all: 0, idle: 0 };
    for (const { times } of cpus()) {
      sum.all += Object.values(times).reduce((a, b) => a + b, 0);
      sum.idle += times.idle;
    }
    return sum;
  };
  const before = times();
  await sleep(2000);
  const after = times();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function write(block: string): void {
  const file = join(ROOT, 'docs/server.md');
  const text = readFileSync(file, 'utf8');
  const marked = /(<!-- load -->\n)[\s\S]*(<!-- \/load -->)/;
  writeFileSync(file, text.replace(marked, `$1\n${block}\n\n$2`));
}

try {
  const others = await othersShare();
  const busy =
    others > BUSY
      ? [`Other work took ${(100 * others).toFixed(0)} % of the machine when this began.`, '']
      : [];
  const steps = await findMost();
  const most = steps.at(-1);
  if (most === undefined) throw new Error('not even two streams are held on this machine');
  const least = steps[0]!;
  const perStream = (most.rssMiB - least.rssMiB) / Math.max(1, most.streams - least.streams);
  const block = [
    `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}, the clients on the same machine; ${SECONDS} s a step. Latency: from`,
    'sending the last sample that an event was decided on to receiving it.',
    '',
    ...busy,
    '| streams | p50 | p99 | server memory |',
    '|---|---|---|---|',
    ...everyThird(steps).map(
      (s) =>
        `| ${s.streams} | ${s.p50Ms.toFixed(0)} ms | ${s.p99Ms.toFixed(0)} ms | ${s.rssMiB.toFixed(0)} MiB |`,
    ),
    '',
    `The most that were held with p99 under ${LIMIT_MS} ms: **${most.streams}**; about ${perStream.toFixed(1)} MiB a stream. Ten times as many clients:`,
    '',
    '| | |',
    '|---|---|',
    ...(await overload(most.streams)),
  ].join('\n');
  print(`\n${block}`);
  if (process.argv.includes('--write')) write(block);
} finally {
  rmSync(home, { recursive: true, force: true });
}
