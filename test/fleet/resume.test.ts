import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIO } from '../helpers.js';
import { meetingPcm } from '../server/support.js';
import { NatsServer } from './nats-server.js';
import { Balancer, hearAll, kill, startMember, type Heard, type Member } from './moving-stream.js';

/** Servers that are killed, one after the other; `WHOSPEAKS_KILLS=100` for the long form. */
const KILLS = Number(process.env.WHOSPEAKS_KILLS ?? 4);
const STREAMS = 3;

let nats: NatsServer;
let balancer: Balancer;
const fleet = (): string => `${nats.url}/moving`;
beforeAll(async () => {
  nats = await NatsServer.start();
  balancer = await Balancer.start();
});
afterAll(async () => {
  balancer.close();
  await Promise.all(balancer.members.map((member) => kill(member)));
  await nats.stop();
});

const ofEvents = ({ events }: Heard): unknown[] =>
  events.map((event) => JSON.parse(JSON.stringify(event)) as unknown);

it('a stream tells the same events as one that is not cut, whichever servers are killed, and whenever', async () => {
  balancer.members = [await startMember(fleet()), await startMember(fleet())];
  for (const name of ['alice', 'bob']) {
    const body = new Uint8Array(readFileSync(`${AUDIO}/${name}.wav`));
    expect((await fetch(`${balancer.url}/v1/speakers/${name}`, { method: 'PUT', body })).status).toBe(201);
  }
  const uncut = await hearAll(balancer.url, meetingPcm(), { speed: 4 });
  expect(uncut.events.length).toBeGreaterThan(8);
  let [kills, resumed] = [0, 0];
  while (kills < KILLS) {
    const left = new Set(['streams']);
    const streams = Promise.all(
      Array.from({ length: STREAMS }, () => hearAll(balancer.url, meetingPcm(), { speed: 2 })),
    ).finally(() => left.delete('streams'));
    while (left.size > 0 && kills < KILLS) {
      await sleep(1000 + Math.random() * 6000);
      if (left.size === 0) break;
      const victim = balancer.members[kills % 2]!;
      await kill(victim);
      kills++;
      balancer.members = balancer.members.filter((member) => member !== victim);
      balancer.members.push(await startMember(fleet()));
    }
    for (const heard of await streams) {
      expect(heard.restarted).toBe(0);
      expect(ofEvents(heard)).toEqual(ofEvents(uncut));
      resumed += heard.resumed;
    }
  }
  expect(resumed).toBeGreaterThan(0);
  console.info(`${kills} servers killed, ${resumed} resumes`);
});

it('a server that drains hands its streams over, at 48 kHz too, and the client notices no gap', async () => {
  const pcm = thrice(meetingPcm(20));
  const options = { speed: 2, sampleRateHz: 48_000 };
  const uncut = await hearAll(balancer.url, pcm, options);
  const third = await startMember(fleet());
  const cut = hearAll(balancer.url, pcm, options);
  await sleep(3000);
  const draining = balancer.members;
  balancer.members = [third];
  await Promise.all(draining.map((member: Member) => kill(member, 'SIGTERM')));
  const heard = await cut;
  expect(heard.restarted).toBe(0);
  expect(heard.resumed).toBeGreaterThan(0);
  expect(ofEvents(heard)).toEqual(ofEvents(uncut));
});

/** The same sound at three times the rate. */
function thrice(pcm: Buffer): Buffer {
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
  return Buffer.from(
    Int16Array.from({ length: samples.length * 3 }, (_, i) => samples[Math.floor(i / 3)]!).buffer,
  );
}
