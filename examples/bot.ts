/**
 * A bot: plays a recording to the service as if it came from a meeting just now, and prints who speaks.
 *
 *   npx whospeaks serve
 *   npx tsx examples/bot.ts http://127.0.0.1:7979 examples/audio/meeting.wav
 *
 * A third argument sets the pace, 1 being real time; WHOSPEAKS_TOKEN is sent where it is set.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromFile } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { connect } from 'whospeaks/client';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:7979', recording = 'examples/audio/meeting.wav', pace = '1'] =
  process.argv.slice(2);

// A bot that nobody answers says so soon; leave maxAttempts out for one that should wait for its server.
const stream = connect({ url, token: process.env['WHOSPEAKS_TOKEN'], WebSocket, maxAttempts: 4 });
stream.events$.subscribe({
  next: (event) => {
    if (event.type === 'tentative') console.error(`${event.at.toFixed(1)} s: ${event.speaker}?`);
    if (event.type === 'final') console.log(`${event.start.toFixed(2)} s: ${event.speaker}`);
  },
  error: (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
});
stream.status$.subscribe((status) => {
  if (status.state === 'waiting') console.error(`${status.reason.message}; again in ${status.retryInMs} ms`);
});

const started = Date.now();
for await (const { samples, startSample } of fromFile(recording)) {
  const dueMs = started + (startSample / SAMPLE_RATE_HZ / Number(pace)) * 1000;
  await sleep(Math.max(0, dueMs - Date.now()));
  await stream.send(samples);
}
stream.end();
