/**
 * A LiveKit agent that says who speaks: pass it the audio track of a participant.
 *
 *   npm install @livekit/rtc-node whospeaks whospeaks-livekit
 */
import { AudioStream, type RemoteTrack } from '@livekit/rtc-node';
import { isSpeaking } from 'whospeaks';
import { connect } from 'whospeaks/client';
import { hearTrack } from 'whospeaks-livekit';

export function watch(track: RemoteTrack, url = 'http://127.0.0.1:7979'): void {
  const { events$, heard$ } = hearTrack(new AudioStream(track, 16_000, 1), (format) =>
    connect({ url, ...format }),
  );
  events$.subscribe((event) => event.type === 'final' && console.log(event.start, event.end, event.speaker));
  // A gate: within a second of a turn, is it alice who speaks?
  events$.pipe(isSpeaking('alice', { within: 1, heard: heard$ })).subscribe(({ is }) => {
    console.log(is ? 'alice speaks: listen' : 'not alice: ignore');
  });
}
