import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readTold } from '../../src/fleet/events/read-told.js';
import { SessionEvents } from '../../src/fleet/events/session-events.js';
import { Fleet } from '../../src/fleet/fleet.js';
import { readStored } from '../../src/fleet/read-stored.js';
import { FLEET_SETTINGS } from '../../src/fleet/settings.js';
import type { EventMessage } from '../../src/protocol/index.js';
import type { RunningServer, ServerConfigInput, ServiceParts } from '../../src/server/index.js';
import { keySource } from '../../src/speakers/store/key-source.js';
import { cheapModel, hello, keptLog, meetingPcm, open, startServer, type Told } from '../server/support.js';
import { NatsServer } from './nats-server.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
let nats: NatsServer;
const running: RunningServer[] = [];
beforeAll(async () => {
  nats = await NatsServer.start();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});
afterAll(async () => {
  await nats.stop();
});

async function member(
  name: string,
  settings: ServerConfigInput = {},
  parts: ServiceParts = {},
): Promise<RunningServer> {
  const server = await startServer({ fleet: `${nats.url}/${name}`, ...settings }, cheapModel, parts);
  running.push(server);
  return server;
}

const PIECE_BYTES = 32_000;
interface Begun {
  readonly socket: Told;
  readonly session: string;
  readonly token: string;
}

/** A client that sends a recording, and does not say that it has read anything. */
async function begin(server: RunningServer): Promise<Begun> {
  const socket = await open(server);
  socket.send(hello);
  const { session, resumeToken } = await socket.wait('welcome');
  return { socket, session, token: resumeToken };
}
function resume(socket: Told, { session, token }: Begun, lastEvent: number): void {
  socket.send({ ...hello, resume: { session, token, lastEvent } });
}
/** From a message on. */
function sendAll(socket: Told, from = 0): void {
  const pcm = meetingPcm(8);
  const messages = Math.ceil(pcm.length / PIECE_BYTES);
  for (let i = from; i < messages; i++) socket.audio(i, pcm.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
  socket.send({ type: 'end', messages });
}
const isEnd = ({ event }: EventMessage): boolean => event.type === 'end';
const eventsOf = ({ messages }: Told): EventMessage[] => messages.filter((each) => each.type === 'event');

it('a client that lost its connection at the very end has its last events from another server', async () => {
  const [a, b] = [await member('ended'), await member('ended')];
  const uncut = await begin(a);
  sendAll(uncut.socket);
  await uncut.socket.wait('event', isEnd);
  await expect.poll(() => a.sessions.all().length).toBe(0);
  const begun = await begin(a);
  // It reads nothing of what is told until the end, nor that the server closes.
  begun.socket.socket.pause();
  sendAll(begun.socket);
  await expect.poll(() => a.sessions.running).toBe(0);
  begun.socket.socket.terminate();
  const second = await open(b);
  resume(second, begun, 0);
  const welcome = await second.wait('welcome');
  expect(welcome.resumed).toBe(true);
  sendAll(second, welcome.nextSequence);
  await second.wait('event', isEnd);
  expect(eventsOf(second)).toEqual(eventsOf(uncut.socket));
});

it('a server without room leaves a session where it is, and the client goes on elsewhere', async () => {
  const a = await member('room');
  // With an address of its own it says so on the WebSocket.
  const full = await member('room', { maxStreams: 1, fleetAddress: 'http://127.0.0.1:9' });
  const taker = await begin(full);
  taker.socket.audio(0, meetingPcm(1));
  const begun = await begin(a);
  begun.socket.audio(0, meetingPcm(1));
  await a.close();
  await begun.socket.closed;
  const refused = await open(full);
  resume(refused, begun, 0);
  expect(await refused.closed).toBe(1001);
  expect(full.sessions.running).toBe(1);
  const third = await member('room');
  const taken = await open(third);
  resume(taken, begun, 0);
  expect((await taken.wait('welcome')).resumed).toBe(true);
});

it('a state of another version is refused, counted, and the session begins anew', async () => {
  const a = await member('version');
  const begun = await begin(a);
  begun.socket.audio(0, meetingPcm(1));
  const fleet = await Fleet.open(`${nats.url}/version`);
  const vault = await fleet.sessions(keySource({}, {}), 90_000, 1024 ** 3);
  await a.close();
  const key = `default.${begun.session}`;
  const found = (await vault.get(key))!;
  const later = Buffer.from(found.bytes.toString('latin1').replace('"version":1', '"version":2'), 'latin1');
  await vault.put(key, later, found.revision);
  await fleet.close();
  const b = await member('version');
  const second = await open(b);
  resume(second, begun, 0);
  expect((await second.wait('error')).code).toBe('session-unknown');
  expect(await b.metrics.text(null)).toMatch(/^whospeaks_fleet_refused_snapshots 1$/m);
});

it('a server warns of a fleet without a key, and of what was made with other settings', async () => {
  const [first, second, third] = [keptLog(), keptLog(), keptLog()];
  await member('warned', {}, { logger: first.logger });
  expect(first.text()).toMatch(/the fleet has no key/);
  expect(first.text()).not.toMatch(/max_bytes/);
  await member('warned', { fleetSessionBytes: 2 ** 22 }, { logger: second.logger });
  expect(second.text()).toMatch(/KV_warned_sessions: max_bytes is 1073741824, not 4194304/);
  process.env.WHOSPEAKS_STORE_KEY = KEY;
  try {
    await member('sealed', {}, { logger: third.logger });
  } finally {
    delete process.env.WHOSPEAKS_STORE_KEY;
  }
  expect(third.text()).not.toMatch(/the fleet has no key/);
});

it('events beyond the bound are a gap in the stream, in their place, and nobody goes on over it', async () => {
  const fleet = await Fleet.open(`${nats.url}/gap`);
  const stream = await fleet.events({ keepSeconds: 3600, maxBytes: 2 ** 24 });
  let dropped = 0;
  const events = new SessionEvents({
    stream,
    group: 'g',
    session: 's',
    isReachable: () => fleet.connection.isConnected,
    onTaken: () => {
      throw new Error('nobody took it');
    },
    onDropped: (count) => (dropped += count),
  });
  await nats.kill();
  await expect.poll(() => fleet.connection.isConnected).toBe(false);
  const last = FLEET_SETTINGS.mostWaitingEvents + 10;
  for (let id = 1; id <= last; id++) void events.tell(id, JSON.stringify({ type: 'event', id, event: {} }));
  expect([events.waiting, dropped]).toEqual([FLEET_SETTINGS.mostWaitingEvents, 10]);
  await nats.restart();
  const tellRest = (): number => {
    events.retry();
    return events.waiting;
  };
  await expect.poll(tellRest, { timeout: 60_000 }).toBe(0);
  const told: unknown[] = [];
  for await (const message of readStored(fleet.connection, stream.name, stream.subjectOf('g', 's')))
    told.push(message.json());
  expect(told.slice(0, 3)).toEqual([
    { type: 'event', id: 1, event: {} },
    { type: 'gap', from: 2, to: 11 },
    { type: 'event', id: 12, event: {} },
  ]);
  expect(told).toHaveLength(FLEET_SETTINGS.mostWaitingEvents + 1);
  expect(await readTold(stream, 'g', 's', 5)).toBeNull();
  expect((await readTold(stream, 'g', 's', 11))?.events).toHaveLength(last - 11);
  await fleet.close();
});
