import { fromFile, readAll } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { Convolver } from '../../src/acoustics/convolve.js';
import { Random } from '../../src/acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom } from '../../src/acoustics/room.js';
import { trimmed } from '../acceptance/speech.js';
import type { Voice } from '../accuracy/cast.js';

/** How one side's voice comes into the other side's channel. */
export interface Leak {
  /** Level of the leaked voice, relative to its own channel, dB; null: none leaks. */
  readonly levelDb: number | null;
  readonly delayMs: number;
  /** With the echoes of a room, of 0.3 to 0.5 s of reverberation. */
  readonly inRoom?: boolean;
}

/** A call of two, a channel each. */
export interface Call {
  readonly names: readonly [string, string];
  /** What each says, alone: silence where it is quiet. */
  readonly own: readonly Float32Array[];
}

const PAUSE_SECONDS = [0.2, 1] as const;
/** Part of the turns that begin before the other one has ended, and by how much. */
const EARLY_SHARE = 0.4;
const EARLY_SECONDS = [0.8, 2.5] as const;
const POWER = 0.0025;
/** Noise of each channel's own, below its voice, dB. */
const NOISE_DB = -45;

/** Two voices take turns, `turns` in all; some begin while the other still talks. */
export async function makeCall(voices: readonly [Voice, Voice], turns: number, seed: number): Promise<Call> {
  const random = new Random(seed);
  const parts: { side: number; at: number; sound: Float32Array }[] = [];
  let end = SAMPLE_RATE_HZ;
  for (let turn = 0; turn < turns; turn++) {
    const side = turn % 2;
    const { utterances } = voices[side]!;
    const sound = levelled(trimmed(await readAll(fromFile(utterances[(turn >> 1) % utterances.length]!))));
    const early = turn > 0 && random.between(0, 1) < EARLY_SHARE;
    const gap = early ? -random.between(...EARLY_SECONDS) : random.between(...PAUSE_SECONDS);
    const at = Math.max(0, end + Math.round(gap * SAMPLE_RATE_HZ));
    parts.push({ side, at, sound });
    end = Math.max(end, at + sound.length);
  }
  const own = [0, 1].map(() => new Float32Array(end + SAMPLE_RATE_HZ));
  for (const { side, at, sound } of parts) {
    const channel = own[side]!;
    for (let i = 0; i < sound.length; i++) channel[at + i]! += sound[i]!;
  }
  return { names: [voices[0].name, voices[1].name], own };
}

/** The two channels as they are recorded: each with noise of its own, and with what leaks in. */
export function recorded(
  { own }: Call,
  { levelDb, delayMs, inRoom = false }: Leak,
  seed: number,
): Float32Array[] {
  const random = new Random(seed);
  return own.map((voice, side) => {
    const channel = voice.map((x) => x + noise(random));
    if (levelDb === null) return channel;
    const other = own[1 - side]!;
    const leaked = inRoom ? echoing(other, random) : other;
    const gain = 10 ** (levelDb / 20);
    const delay = Math.round((delayMs * SAMPLE_RATE_HZ) / 1000);
    for (let i = delay; i < channel.length; i++) channel[i]! += gain * leaked[i - delay]!;
    return channel;
  });
}

function echoing(voice: Float32Array, random: Random): Float32Array {
  const room = randomRoom(random, [0.3, 0.5]);
  const response = impulseResponse(room, randomPlace(random, room));
  const heard = new Convolver(response).apply(voice).subarray(0, voice.length);
  const ratio = Math.sqrt(energy(voice) / energy(heard));
  return heard.map((x) => x * ratio);
}

function levelled(sound: Float32Array): Float32Array {
  const gain = Math.sqrt((POWER * sound.length) / energy(sound));
  return sound.map((x) => x * gain);
}

function noise(random: Random): number {
  return Math.sqrt(POWER * 10 ** (NOISE_DB / 10)) * Math.sqrt(12) * random.between(-0.5, 0.5);
}

function energy(sound: Float32Array): number {
  return sound.reduce((sum, x) => sum + x * x, 0);
}
