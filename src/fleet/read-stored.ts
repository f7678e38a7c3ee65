import type { JsMsg } from '@nats-io/jetstream';
import type { FleetConnection } from './fleet-connection.js';

/** Messages that are asked for together, where nobody says how many. */
const BATCH = 256;
/** An answer without messages for so long means that there are no more. */
const IDLE_MS = 1000;
/** NATS forgets a consumer that its owner did not delete, for it was killed, after this long. */
const INACTIVE_MS = 10_000;

/**
 * What a stream has under a subject, the oldest first, as far as it goes at the call.
 * @param from sequence of the stream to begin with
 * @param batch messages that are asked for together: they are in memory at once
 */
export async function* readStored(
  { js, jsm, packages }: FleetConnection,
  stream: string,
  subject: string,
  from?: number,
  batch = BATCH,
): AsyncGenerator<JsMsg> {
  const { AckPolicy, DeliverPolicy } = packages.jetstream;
  const { name, num_pending: pending } = await jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    filter_subject: subject,
    inactive_threshold: INACTIVE_MS * 1e6,
    mem_storage: true,
    ...(from === undefined
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }),
  });
  try {
    const consumer = await js.consumers.get(stream, name);
    for (let left = pending; left > 0;) {
      const before = left;
      for await (const message of await consumer.fetch({
        max_messages: Math.min(batch, left),
        expires: IDLE_MS,
      })) {
        left--;
        yield message;
      }
      // What was erased meanwhile does not come.
      if (left === before) break;
    }
  } finally {
    await jsm.consumers.delete(stream, name).catch(() => undefined);
  }
}
