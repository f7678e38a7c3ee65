import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { microphone } from './microphone.js';
import type { ServerProcess } from '../server.js';

/** Before a figure is taken: sessions begin, the first windows are heard. */
const WARM_UP_MS = 8000;

/** CPU time that a process has used, ms. */
function cpuMs({ child }: ServerProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export async function metric({ url }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
}

/** What streams in real time cost servers of a fleet and such of none, at the same time, so that the machine is as busy for both. */
export async function cost(
  alone: readonly ServerProcess[],
  members: readonly ServerProcess[],
  streams: number,
  seconds: number,
): Promise<void> {
  const open = (servers: readonly ServerProcess[]): ReturnType<typeof microphone>[] =>
    Array.from({ length: streams }, (_, i) => microphone(servers[i % servers.length]!.url, i));
  const [out, within] = [open(alone), open(members)];
  const total = (servers: readonly ServerProcess[]): number =>
    servers.reduce((sum, each) => sum + cpuMs(each), 0);
  const heard = (): number => within.reduce((sum, { eventsMs }) => sum + eventsMs.length, 0);
  const sumOf = async (name: string): Promise<number> =>
    (await Promise.all(members.map((each) => metric(each, name)))).reduce((sum, each) => sum + each, 0);
  await sleep(WARM_UP_MS);
  const before = { alone: total(alone), members: total(members), events: heard() };
  const [states, bytes, keep] = [
    await sumOf('whospeaks_fleet_state_bytes_count'),
    await sumOf('whospeaks_fleet_state_bytes_sum'),
    await sumOf('whospeaks_fleet_keep_seconds_sum'),
  ];
  await sleep(seconds * 1000);
  const share = (servers: readonly ServerProcess[], from: number): number =>
    (total(servers) - from) / (seconds * 1000) / streams;
  const [a, b] = [share(alone, before.alone), share(members, before.members)];
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  console.log(
    `cost: ${streams} streams in real time, ${seconds} s; ${((heard() - before.events) / seconds).toFixed(1)} events a second in the fleet`,
  );
  console.log(
    `a stream, of one core: ${percent(a)} without a fleet, ${percent(b)} in a fleet: ${percent(b / a - 1)} more`,
  );
  const kept = (await sumOf('whospeaks_fleet_state_bytes_count')) - states;
  const size = ((await sumOf('whospeaks_fleet_state_bytes_sum')) - bytes) / kept / 1024;
  const ms = (1000 * ((await sumOf('whospeaks_fleet_keep_seconds_sum')) - keep)) / kept;
  console.log(
    `states of sessions: ${(kept / streams / seconds).toFixed(2)} a second and stream, ${size.toFixed(0)} KiB each, kept in NATS after ${ms.toFixed(1)} ms`,
  );
  for (const each of [...out, ...within]) each.close();
}
