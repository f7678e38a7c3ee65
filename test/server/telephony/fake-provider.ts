import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ProviderName, Track } from '../../../src/server/telephony/dialect.js';
import { encodeG711, type Law } from '../../g711.js';

const RATE_HZ = 8000;
/** A packet of RTP. */
const PACKET_MS = 20;
const PACKET_BYTES = (RATE_HZ * PACKET_MS) / 1000;
/** Packets that a fast sender puts out before it lets others work. */
const BURST = 50;
const MAX_BUFFERED_BYTES = 262_144;

export interface CallPlan {
  readonly provider?: ProviderName;
  readonly port: number;
  /** Path before the provider's. */
  readonly basePath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly call?: string;
  readonly stream?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Samples at 8 kHz of -1 to 1. */
  readonly sound?: Partial<Record<Track, Float32Array>>;
  /** Of Telnyx; Twilio has `mulaw` alone. */
  readonly law?: Law;
  /** Times real time. */
  readonly speed?: number;
  /** Timestamp of the first packet, ms. */
  readonly fromMs?: number;
}

type Message = Record<string, unknown>;

let calls = 0;

/**
 * The provider's side of a media stream, as Twilio and Telnyx publish it: `connected`, `start`, a packet of each track every
 * 20 ms, `stop`; numbers of messages over the stream, numbers of chunks over a track, numbers as text.
 */
export class FakeProvider {
  readonly call: string;
  readonly stream: string;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** What the server sent: must be nothing. */
  readonly received: string[] = [];
  readonly #plan: CallPlan;
  readonly #socket: WebSocket;
  readonly #isTwilio: boolean;
  #sequence = 0;
  readonly #chunks: Record<string, number> = {};
  #atMs: number;

  private constructor(plan: CallPlan, socket: WebSocket) {
    this.#plan = plan;
    this.#socket = socket;
    this.#isTwilio = (plan.provider ?? 'twilio') === 'twilio';
    calls += 1;
    this.call = plan.call ?? (this.#isTwilio ? `CA${calls}` : `v3:call-${calls}_x`);
    this.stream = plan.stream ?? (this.#isTwilio ? `MZ${calls}` : `32DE0DEA-${calls}`);
    this.#atMs = plan.fromMs ?? 0;
    socket.on('message', (data: Buffer) => this.received.push(data.toString()));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Rejects with the status where the server does not take the connection. */
  static async connect(plan: CallPlan): Promise<FakeProvider> {
    const path = `${plan.basePath ?? ''}/v1/telephony/${plan.provider ?? 'twilio'}`;
    const socket = new WebSocket(`ws://127.0.0.1:${plan.port}${path}`, { headers: { ...plan.headers } });
    const provider = new FakeProvider(plan, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_, response) => {
        reject(new Error(`status ${response.statusCode}`));
        socket.terminate();
      });
      socket.once('error', reject);
    });
    return provider;
  }

  /** A whole call: connects, sends all sound, stops, and waits for the server to hang up. */
  static async play(plan: CallPlan): Promise<FakeProvider> {
    const provider = await FakeProvider.connect(plan);
    provider.connected();
    provider.start();
    await provider.media();
    provider.stop();
    await provider.closed;
    return provider;
  }

  get tracks(): Track[] {
    return Object.keys(this.#plan.sound ?? { inbound: null }) as Track[];
  }

  /** As it is. */
  raw(text: string): void {
    this.#socket.send(text);
  }

  connected(): void {
    this.raw(
      JSON.stringify({ event: 'connected', version: '1.0.0', ...(this.#isTwilio && { protocol: 'Call' }) }),
    );
  }

  start(more: Message = {}): void {
    const { parameters = {}, law = 'mulaw' } = this.#plan;
    const start = this.#isTwilio
      ? {
          accountSid: 'AC0',
          streamSid: this.stream,
          callSid: this.call,
          tracks: this.tracks,
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: RATE_HZ, channels: 1 },
          customParameters: parameters,
        }
      : {
          user_id: '3E6F995F',
          call_control_id: this.call,
          call_session_id: 'ff55a038',
          from: '+15550100',
          to: '+15550199',
          client_state: 'aGF2ZQ==',
          custom_parameters: parameters,
          media_format: { encoding: law === 'mulaw' ? 'PCMU' : 'PCMA', sample_rate: RATE_HZ, channels: 1 },
        };
    this.message({ event: 'start', start: { ...start, ...more } });
  }

  /** All sound, the tracks in turn, at its pace; at most `seconds` of it. */
  async media(seconds = Infinity): Promise<void> {
    const { sound = {}, speed = Infinity, law = 'mulaw' } = this.#plan;
    const startMs = performance.now();
    const fromMs = this.#atMs;
    const offset = ((fromMs - (this.#plan.fromMs ?? 0)) * RATE_HZ) / 1000;
    const bytes = this.tracks.map((track) => encodeG711(law, sound[track] ?? new Float32Array(0)));
    const longest = Math.min(offset + seconds * RATE_HZ, ...[Math.max(...bytes.map(({ length }) => length))]);
    let packets = 0;
    for (let at = offset; at < longest && this.#socket.readyState === WebSocket.OPEN; at += PACKET_BYTES) {
      for (const [i, track] of this.tracks.entries()) {
        const payload = bytes[i]!.subarray(at, at + PACKET_BYTES);
        if (payload.length > 0) this.packet(track, payload, this.#atMs);
      }
      this.#atMs += PACKET_MS;
      packets += 1;
      const dueMs = startMs + (this.#atMs - fromMs) / speed - performance.now();
      if (dueMs > 0) await sleep(dueMs);
      else if (packets % BURST === 0) await sleep(0);
      while (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) await sleep(5);
    }
  }

  packet(track: string, payload: Uint8Array | string, timestampMs: number, more: Message = {}): void {
    const chunk = (this.#chunks[track] = (this.#chunks[track] ?? 0) + 1);
    const base64 = typeof payload === 'string' ? payload : Buffer.from(payload).toString('base64');
    const media = { track, chunk: String(chunk), timestamp: String(timestampMs), payload: base64 };
    this.message({ event: 'media', media: { ...media, ...more } });
  }

  dtmf(digit: string): void {
    this.message({ event: 'dtmf', dtmf: { digit, ...(this.#isTwilio && { track: 'inbound_track' }) } });
  }

  mark(name: string): void {
    this.message({ event: 'mark', mark: { name } });
  }

  stop(): void {
    this.message({
      event: 'stop',
      stop: this.#isTwilio
        ? { accountSid: 'AC0', callSid: this.call }
        : { user_id: '3E6F995F', call_control_id: this.call },
    });
  }

  /** The connection breaks. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Leave a number out: that message is lost on the way. */
  lose(messages = 1): void {
    this.#sequence += messages;
  }

  /** With its number and the stream's id. */
  message(message: Message): void {
    this.raw(JSON.stringify({ ...message, ...this.numbered() }));
  }

  numbered(): Message {
    this.#sequence += 1;
    return this.#isTwilio
      ? { sequenceNumber: String(this.#sequence), streamSid: this.stream }
      : { sequence_number: String(this.#sequence), stream_id: this.stream };
  }
}
