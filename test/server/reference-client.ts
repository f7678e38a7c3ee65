import { WebSocket } from 'ws';
import {
  CLOSE,
  encodeAudioMessage,
  SUBPROTOCOL,
  type Hello,
  type Resume,
  type ServerMessage,
  type Welcome,
  type WireEvent,
} from '../../src/protocol/index.js';

export interface Heard {
  readonly ids: number[];
  readonly events: WireEvent[];
  connections: number;
  /** Audio messages that were sent although an ack for them had come: must be none. */
  sentAfterAck: number;
  /** Code of the last error that ended a connection. */
  refused: string | null;
}

/**
 * docs/protocol.md as the shortest client that keeps to it: sends `pcm`, resumes whatever happens to the connection,
 * and resolves at the end with every event as it was told.
 */
export async function sendAll(
  port: () => number,
  hello: Hello,
  pcm: Buffer,
  messageBytes: number,
): Promise<Heard> {
  const heard: Heard = { ids: [], events: [], connections: 0, sentAfterAck: 0, refused: null };
  const total = Math.ceil(pcm.length / messageBytes);
  let resume: Resume | undefined;
  let acked = -1;
  for (;;) {
    heard.connections += 1;
    const code = await connect();
    if (code === CLOSE.done) return heard;
    if (code >= 4000) throw new Error(`closed with ${code} (${heard.refused ?? 'no error'})`);
  }

  function connect(): Promise<number> {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/v1/stream`, [SUBPROTOCOL]);
    let next = 0;
    let sentBytes = 0;
    let creditTo = 0;
    let isOpen = false;
    const payload = (sequence: number): Buffer =>
      pcm.subarray(sequence * messageBytes, (sequence + 1) * messageBytes);
    const pump = (): void => {
      while (isOpen && next < total && sentBytes + payload(next).length <= creditTo) {
        if (next <= acked) heard.sentAfterAck += 1;
        socket.send(encodeAudioMessage({ sequence: next, skippedFrames: 0, payload: payload(next) }));
        sentBytes += payload(next).length;
        next += 1;
        if (next === total) socket.send(JSON.stringify({ type: 'end', messages: total }));
      }
    };
    const welcome = (message: Welcome): void => {
      resume ??= { session: message.session, token: message.resumeToken, lastEvent: 0 };
      next = message.nextSequence;
      if (next <= acked) heard.sentAfterAck += 1;
      sentBytes = next * messageBytes;
      creditTo = sentBytes + message.creditBytes;
      isOpen = true;
      if (next === total) socket.send(JSON.stringify({ type: 'end', messages: total }));
      pump();
    };
    socket.on('open', () => {
      socket.send(JSON.stringify(resume === undefined ? hello : { ...hello, resume }));
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ServerMessage;
      if (message.type === 'welcome') welcome(message);
      else if (message.type === 'ack') {
        acked = Math.max(acked, message.sequence);
        creditTo = (message.sequence + 1) * messageBytes + message.creditBytes;
        pump();
      } else if (message.type === 'event') {
        heard.ids.push(message.id);
        heard.events.push(message.event);
        resume = { ...resume!, lastEvent: message.id };
        if (message.id % 16 === 0) socket.send(JSON.stringify({ type: 'received', event: message.id }));
      } else if (message.type === 'error' && message.fatal) {
        heard.refused = message.code;
      }
    });
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('close', (code) => {
        isOpen = false;
        resolve(code);
      });
    });
  }
}
