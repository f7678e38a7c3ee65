import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../src/protocol/index.js';
import { started } from '../started.js';
import { CallReader } from './call-reader.js';
import { meetingOnThePhone } from './call-sound.js';
import { FakeProvider } from './fake-provider.js';

const CALLS = 50;
const SPEED = 4;

/** Positions and labels: what must be the same however busy the server is. */
const shown = (event: WireEvent): unknown =>
  'turn' in event ? [event.type, event.turn, 'speaker' in event && event.speaker] : event.type;

describe('many calls at once', () => {
  it('are each told as one that is alone, to their readers alone', async () => {
    const server = await started({ maxStreams: 2 * CALLS, maxLiveSpeed: 2 * SPEED, bufferSeconds: 60 });
    const sound = { inbound: meetingOnThePhone(), outbound: meetingOnThePhone(10) };
    const hear = async (number: number): Promise<CallReader> => {
      const provider = number % 2 === 0 ? 'twilio' : 'telnyx';
      const phone = await FakeProvider.connect({ port: server.port, provider, sound, speed: SPEED });
      phone.connected();
      phone.start();
      const reader = await CallReader.of(server, phone.call);
      await phone.media();
      phone.stop();
      await phone.closed;
      await reader.closed;
      expect(reader.messages.every(({ call }) => call === phone.call)).toBe(true);
      return reader;
    };
    const alone = await hear(0);
    const readers = await Promise.all(Array.from({ length: CALLS }, (_, i) => hear(i)));
    for (const reader of readers) {
      expect(reader.messages.map(({ id }) => id)).toEqual(reader.messages.map((_, i) => i + 1));
      expect(reader.messages.at(-1)).toMatchObject({ type: 'ended', missing: 0, late: 0 });
      for (const track of ['inbound', 'outbound']) {
        const told = ({ of }: { of: CallReader }): unknown[] =>
          of.of('event').flatMap(({ track: its, event }) => (its === track ? [shown(event)] : []));
        expect(told({ of: reader })).toEqual(told({ of: alone }));
      }
    }
    expect(server.sessions.running).toBe(0);
    expect(server.sessions.all().every(({ droppedSeconds }) => droppedSeconds === 0)).toBe(true);
  }, 180_000);

  it('survive what breaks others: half of the providers drop, and come back', async () => {
    const server = await started({ maxStreams: 2 * CALLS, maxLiveSpeed: 100, bufferSeconds: 60 });
    const sound = { inbound: new Float32Array(8000 * 4), outbound: new Float32Array(8000 * 4) };
    const ends = await Promise.all(
      Array.from({ length: CALLS }, async (_, i) => {
        const phone = await FakeProvider.connect({ port: server.port, sound });
        phone.start();
        const reader = await CallReader.of(server, phone.call);
        await phone.media(2);
        if (i % 2 === 0) {
          phone.drop();
          const again = await FakeProvider.connect({
            port: server.port,
            sound,
            call: phone.call,
            fromMs: 2000,
          });
          again.start();
          await again.media(2);
          again.stop();
        } else {
          await phone.media();
          phone.stop();
        }
        await reader.closed;
        return reader.messages.at(-1);
      }),
    );
    for (const end of ends) expect(end).toMatchObject({ type: 'ended', missing: 0, seconds: 4 });
    expect(ends.filter((end) => end !== undefined && 'error' in end)).toEqual([]);
    expect(server.sessions.running).toBe(0);
  }, 120_000);
});
