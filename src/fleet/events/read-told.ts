import { isConflict } from '../fleet-errors.js';
import { readStored } from '../read-stored.js';
import type { EventStream } from './event-stream.js';

/** What a session has told so far. */
export interface Told {
  /** Messages of events after one that the client has. */
  readonly events: readonly string[];
  /** Of the session's last message in the stream. */
  readonly lastSequence: number;
  /** Id of its last event there. */
  readonly lastEvent: number;
}

const TRIES = 20;

/**
 * Say in the stream that this server tells the session's events from now on: whatever the server that had it sends later is refused,
 * for it does not follow.
 */
export async function takeSession(stream: EventStream, group: string, session: string): Promise<void> {
  const { js, jsm } = stream.connection;
  const subject = stream.subjectOf(group, session);
  for (let tries = 1; ; tries++) {
    const last = await jsm.streams.getMessage(stream.name, { last_by_subj: subject });
    try {
      const expect = { lastSubjectSequence: last?.seq ?? 0 };
      await js.publish(subject, JSON.stringify({ type: 'resumed' }), { expect, headers: stream.headers() });
      return;
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
    }
  }
}

/** Null where an event after `lastEvent` is missing in the stream. Call it after `takeSession`. */
export async function readTold(
  stream: EventStream,
  group: string,
  session: string,
  lastEvent: number,
): Promise<Told | null> {
  const events: string[] = [];
  let [lastSequence, lastStored, newest] = [0, 0, lastEvent];
  for await (const message of readStored(stream.connection, stream.name, stream.subjectOf(group, session))) {
    lastSequence = message.seq;
    const told = message.json<{ readonly type: string; readonly id: number }>();
    if (told.type !== 'event') continue;
    lastStored = told.id;
    if (told.id <= lastEvent) continue;
    if (told.id !== newest + 1) return null;
    newest = told.id;
    events.push(message.string());
  }
  return { events, lastSequence, lastEvent: lastStored };
}
