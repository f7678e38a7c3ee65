// Reads who speaks, in all sessions of a group, from the stream of a fleet: no server and no client is between.
//
//   npm install @nats-io/transport-node @nats-io/jetstream
//   npx tsx examples/fleet-listener.ts nats://127.0.0.1:4222 whospeaks default captions
//
// `captions` names a durable consumer: NATS keeps how far it came, so that it goes on there after a restart, and several
// processes of one name share the work. Each message is acked once it is done with, and comes again where it is not.
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const [servers = 'nats://127.0.0.1:4222', deployment = 'whospeaks', group = 'default', name = 'captions'] =
  process.argv.slice(2);

/** What the subject DEPLOYMENT.events.GROUP.SESSION has: docs/fleet.md. */
type Told =
  | {
      readonly type: 'event';
      readonly id: number;
      readonly event: {
        readonly type: string;
        readonly speaker?: string;
        readonly start?: number;
        readonly end?: number;
      };
    }
  | { readonly type: 'gap'; readonly from: number; readonly to: number };

const connection = await connect({ servers });
const stream = `${deployment}_events`;
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, {
  durable_name: name,
  filter_subject: `${deployment}.events.${group}.*`,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
});
const consumer = await jetstream(connection).consumers.get(stream, name);
const messages = await consumer.consume();
process.once('SIGTERM', () => {
  messages.stop();
});
process.once('SIGINT', () => {
  messages.stop();
});

for await (const message of messages) {
  const session = message.subject.split('.').at(-1)!;
  const told = message.json<Told>();
  if (told.type === 'gap') console.log(`${session}: events ${told.from} to ${told.to} are missing`);
  else if (told.event.type === 'final') {
    const { speaker, start, end } = told.event;
    console.log(`${session}: ${start!.toFixed(1)} - ${end!.toFixed(1)}  ${speaker!}`);
  }
  message.ack();
}
await connection.drain();
