/**
 * The service without this project's client: raw PCM from standard input into a WebSocket, JSON out. Any language
 * can do the same; with websocat it is one line (docs/client.md).
 *
 *   ffmpeg -v error -re -i meeting.mp4 -f s16le -ac 1 -ar 16000 - | npx tsx examples/raw-client.ts
 */
import { WebSocket } from 'ws';

const [url = 'ws://127.0.0.1:7979'] = process.argv.slice(2);

const token = process.env['WHOSPEAKS_TOKEN'];
const socket = new WebSocket(
  `${url}/v1/stream?encoding=s16le&sampleRateHz=16000&live=false&framing=raw`,
  'whospeaks.v1',
  { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
);

let sentBytes = 0;
let creditBytes = 0;
let ackedMessages = 0;
let messages = 0;
const onTheWay: number[] = [];
let more = (): void => undefined;

interface Message {
  readonly type: string;
  readonly sequence?: number;
  readonly creditBytes?: number;
  readonly event?: object;
  readonly message?: string;
}

socket.on('message', (data: Buffer) => {
  const message = JSON.parse(data.toString()) as Message;
  if (message.type === 'event') console.log(JSON.stringify(message.event));
  if (message.type === 'error') console.error(message.message);
  if (message.type !== 'welcome' && message.type !== 'ack') return;
  // So many bytes may be on their way beyond those that were acked.
  const acked = (message.sequence ?? -1) + 1;
  for (; ackedMessages < acked; ackedMessages++) sentBytes -= onTheWay.shift()!;
  creditBytes = message.creditBytes ?? 0;
  more();
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
socket.on('close', (code) => {
  if (code !== 1000) process.exitCode = 1;
  process.stdin.destroy();
});
await new Promise((resolve) => socket.once('message', resolve));

for await (const piece of process.stdin as AsyncIterable<Buffer>) {
  for (let at = 0; at < piece.length; at += 8192) {
    const payload = piece.subarray(at, at + 8192);
    while (sentBytes + payload.length > creditBytes) await new Promise<void>((resolve) => (more = resolve));
    socket.send(payload);
    onTheWay.push(payload.length);
    sentBytes += payload.length;
    messages++;
  }
}
socket.send(JSON.stringify({ type: 'end', messages }));
