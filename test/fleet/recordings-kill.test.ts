import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecordingListReply, RecordingReply } from '../../src/protocol/index.js';
import { meetingPcm } from '../server/support.js';
import { wavFile } from '../stream/wav-file.js';
import { kill, startMember, type Member } from './moving-stream.js';
import { NatsServer } from './nats-server.js';

/** How often the meeting is in the recording: enough that a server is killed in the middle of it. */
const TIMES = 5;

let nats: NatsServer;
const members: Member[] = [];
beforeAll(async () => {
  nats = await NatsServer.start();
});
afterAll(async () => {
  await Promise.all(members.map((member) => kill(member)));
  await nats.stop();
});

async function member(): Promise<Member> {
  const started = await startMember(`${nats.url}/killed`);
  members.push(started);
  return started;
}
const get = async ({ url }: Member, id: string): Promise<RecordingReply> =>
  (await (await fetch(`${url}/v1/recordings/${id}`)).json()) as RecordingReply;
async function send({ url }: Member, body: Uint8Array): Promise<string> {
  const reply = await fetch(`${url}/v1/recordings?maxSpeakers=5`, {
    method: 'POST',
    body: Buffer.from(body),
  });
  expect(reply.status).toBe(202);
  return ((await reply.json()) as RecordingReply).recording;
}
/** The process that diarizes is the server's child. */
const isWorking = ({ child: { pid } }: Member): boolean =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .some((each) => each !== '' && readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('job-process'));
const end = async (at: Member, id: string): Promise<RecordingReply> => {
  await expect.poll(async () => (await get(at, id)).state, { timeout: 120_000, interval: 200 }).toBe('done');
  return get(at, id);
};

it('a recording whose server is killed in the middle of it comes out as if it had not been', async () => {
  const once = new Int16Array(meetingPcm().buffer.slice(44));
  const samples = Float32Array.from(
    { length: once.length * TIMES },
    (_, i) => once[i % once.length]! / 32768,
  );
  const body = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples });
  const both = [await member(), await member()];
  const id = await send(both[0]!, body);
  // How far it is, every server says, whichever hears it.
  for (const each of both) {
    const isHeard = async (): Promise<boolean> => {
      const { state, positionSeconds = 0 } = await get(each, id);
      return state === 'running' && positionSeconds > 0;
    };
    await expect.poll(isHeard, { interval: 50 }).toBe(true);
  }
  const [victim, other] = isWorking(both[0]!) ? both : both.reverse();
  await kill(victim!);
  const heard = await end(other!, id);
  expect(heard.segments!.length).toBeGreaterThan(TIMES);
  const metrics = await (await fetch(`${other!.url}/metrics`)).text();
  expect(metrics).toMatch(/^whospeaks_fleet_lost_recordings 1$/m);
  const again = await end(other!, await send(other!, body));
  expect(heard.segments).toEqual(again.segments);
  expect(heard.speakers).toEqual(again.speakers);
  expect((await fetch(`${other!.url}/v1/recordings/${id}`, { method: 'DELETE' })).status).toBe(204);
  const { recordings } = (await (await fetch(`${other!.url}/v1/recordings`)).json()) as RecordingListReply;
  expect(recordings.map(({ recording }) => recording)).toEqual([again.recording]);
});
