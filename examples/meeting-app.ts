/**
 * A sketch of a meeting app: every participant sends a track of their own, and behind a track may sit one person
 * or a whole room. One stream a track tells who speaks in it; together they are the meeting's roster.
 *
 *   npx tsx examples/meeting-app.ts http://127.0.0.1:7979 laptop=alice.wav room=meeting.wav
 */
import { map, merge, scan, type Observable } from 'rxjs';
import { fromFile } from 'whospeaks';
import { connect, TurnBook, type StreamEvent } from 'whospeaks/client';
import { WebSocket } from 'ws';

interface Track {
  readonly participant: string;
  readonly events$: Observable<StreamEvent>;
}

const [url = 'http://127.0.0.1:7979', ...tracks] = process.argv.slice(2);
const token = process.env['WHOSPEAKS_TOKEN'];

/** In a real app the sound is the participant's WebRTC track: `captureStream(new MediaStream([track]))`. */
function join(participant: string, file: string): Track {
  const stream = connect({ url, token, WebSocket, live: false });
  void (async () => {
    for await (const { samples } of fromFile(file)) await stream.send(samples);
    stream.end();
  })().catch(() => {
    stream.close();
  });
  return { participant, events$: stream.events$ };
}

const joined = tracks.map((track) => join(...(track.split('=') as [string, string])));

/** Who said how much behind which track, seconds. */
type Roster = Readonly<Record<string, Readonly<Record<string, number>>>>;

const rosters$ = joined.map(({ participant, events$ }) => {
  const book = new TurnBook();
  return events$.pipe(
    map((event) => {
      book.apply(event);
      const spoken: Record<string, number> = {};
      for (const { speaker, startSample, endSample, final } of book.turns)
        if (final) spoken[speaker] = (spoken[speaker] ?? 0) + (endSample - startSample) / 16_000;
      return { [participant]: spoken };
    }),
  );
});

let roster: Roster = {};
merge(...rosters$)
  .pipe(scan((all: Roster, one: Roster) => ({ ...all, ...one }), {}))
  .subscribe({
    next: (now) => (roster = now),
    error: (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
    complete: () => {
      for (const [participant, spoken] of Object.entries(roster))
        for (const [speaker, seconds] of Object.entries(spoken))
          console.log(`${participant}: ${speaker} ${seconds.toFixed(1)} s`);
    },
  });
