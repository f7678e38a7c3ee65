import { EMPTY, map } from 'rxjs';
import { expect, it } from 'vitest';
import { chunks } from '../../src/stages.js';
import type { SessionState, TakenUp } from '../../src/server/session/continuity.js';
import type { ClientLink } from '../../src/server/session/link.js';
import type { SessionParts } from '../../src/server/session/session-parts.js';
import { Session } from '../../src/server/session/session.js';

/** A session that says `silence` for each chunk, and keeps its state after it. */
function session(parts: Partial<SessionParts>): Session {
  return new Session(
    {
      id: 's',
      format: {
        encoding: 's16le',
        sampleRateHz: 16_000,
        channels: 1,
        audio: 'mix',
        live: true,
        framing: 'sequenced',
      },
      words: false,
      limits: {
        bufferSeconds: 10,
        maxMessageBytes: 64_000,
        resumeWindowSeconds: 60,
        audioTimeoutSeconds: 300,
        maxEvents: 1000,
        maxEventCharacters: 1e6,
        maxSendBufferBytes: 1e6,
      },
      identify: () => EMPTY,
      networkWaitSeconds: () => 0,
      speakers: () => [],
      save: () => Promise.resolve(undefined),
      improve: () => undefined,
      onEvent: () => undefined,
      onFault: (error) => {
        throw error;
      },
      onClosed: () => undefined,
      ...parts,
    },
    0,
  );
}

it('tells what was in a state before anybody was told it, with its number, and to others too', async () => {
  const states: SessionState[] = [];
  const first = session({
    identify: (source, _commands, _onProfile, pipe) =>
      chunks(source).pipe(
        map(({ startSample, samples }) => {
          const sample = startSample + samples.length;
          setImmediate(() => {
            pipe!.snapshots.onSnapshot({ sample, bytes: Uint8Array.of(1) });
          });
          return { type: 'silence', startSample, atSample: startSample } as const;
        }),
      ),
    continuity: {
      keep: (state) => {
        states.push(state);
        return Promise.resolve();
      },
    },
    // The server is lost while the first is on its way.
    tellBefore: () => new Promise(() => undefined),
  });
  for (let sequence = 0; sequence < 3; sequence++) {
    first.pushAudio({ sequence, skippedFrames: 0, payload: new Uint8Array(32_000) }, 0);
  }
  await expect.poll(() => states.at(-1)?.lastEvent).toBeGreaterThan(2);
  first.abort();

  const state = states.at(-1)!;
  const takenUp: TakenUp = { state, lastTold: 0, backlog: [], hasOtherSpeakers: false };
  const others: number[] = [];
  const second = session({
    continuity: { keep: () => Promise.resolve(), takenUp },
    tellBefore: (id) => {
      others.push(id);
      return Promise.resolve();
    },
  });
  const client: number[] = [];
  const link: ClientLink = {
    bufferedBytes: 0,
    isOpen: true,
    send: (text) => {
      const { type, id } = JSON.parse(text) as { type: string; id: number };
      if (type === 'event') client.push(id);
    },
    close: () => undefined,
  };
  expect(second.canResume(0)).toBe(true);
  second.attach(link, 0, 0);
  const all = Array.from({ length: state.lastEvent }, (_, i) => i + 1);
  await expect.poll(() => client).toEqual(all);
  expect(others).toEqual(all);
  second.abort();
});
