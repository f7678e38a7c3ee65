/**
 * Who speaks in the track of a participant, and a gate for one of them. Of an agent with `@livekit/rtc-node`:
 *
 *   room.on(RoomEvent.TrackSubscribed, (track) => watch(new AudioStream(track, 16_000, 1)));
 */
import { isSpeaking } from 'whospeaks';
import { connect } from 'whospeaks/client';
import { hearTrack, type AudioFrameLike } from '../src/index.js';

export function watch(frames: AsyncIterable<AudioFrameLike>, url = 'http://127.0.0.1:7979'): void {
  const { events$, heard$ } = hearTrack(frames, (format) => connect({ url, ...format }));
  events$.subscribe((event) => {
    if (event.type === 'final') console.log(`${event.start.toFixed(1)} s: ${event.speaker}`);
  });
  // Within a second of a turn: is it alice who speaks?
  events$.pipe(isSpeaking('alice', { within: 1, heard: heard$ })).subscribe(({ is }) => {
    console.log(is ? 'alice speaks: listen' : 'not alice: ignore');
  });
}
