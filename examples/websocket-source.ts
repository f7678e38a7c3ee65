/**
 * Raw PCM from a WebSocket as the source of a pipeline of your own, in place of the service: 16-bit mono at the rate
 * in the URL. Whoever connects is told, one line a turn, who speaks.
 *
 *   npx tsx examples/websocket-source.ts examples/audio/alice.wav examples/audio/bob.wav
 *   ffmpeg -v error -re -i meeting.mp4 -f s16le -ac 1 -ar 16000 - | websocat -b 'ws://127.0.0.1:8080/?rate=16000'
 */
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { enroll, fromFile, fromWebSocket, identify, SpeakerModel } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { WebSocketServer } from 'ws';

const voices = process.argv.slice(2);

const model = await SpeakerModel.fromPretrained();
const speakers = await Promise.all(
  voices.map((voice) => enroll(model, { name: basename(voice, '.wav'), sources: [fromFile(voice)] })),
);

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 8080) });
server.on('listening', () => {
  console.log(`listening on port ${(server.address() as AddressInfo).port}`);
});
server.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'ws://localhost');
  const sampleRateHz = Number(searchParams.get('rate') ?? SAMPLE_RATE_HZ);
  const sound = fromWebSocket(socket, { encoding: 's16le', sampleRateHz, channels: 1 });
  identify(sound, { model, speakers }).subscribe({
    next: (event) => {
      if (event.type === 'final')
        console.log(`${(event.startSample / SAMPLE_RATE_HZ).toFixed(2)} s: ${event.speaker}`);
    },
    error: (error: unknown) => {
      console.error(error);
    },
    complete: () => {
      console.log('done');
    },
  });
});
