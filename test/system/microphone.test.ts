import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fromMicrophone, listMicrophones, micDoctor } from '../../src/stream/index.js';
import { signal } from '../stream/signal.js';
import { wavFile } from '../stream/wav-file.js';
import { PulseServer } from './pulse.js';

const PIECE_SAMPLES = 4_000;

/** Real capture: paplay -> PulseAudio's null sink -> its monitor -> ALSA -> PortAudio -> naudiodon -> us. */
describe('microphone through PortAudio', () => {
  const directory = mkdtempSync(join(tmpdir(), 'microphone-'));
  const recording = join(directory, 'signal.wav');
  let pulse: PulseServer | undefined;

  beforeAll(async () => {
    writeFileSync(
      recording,
      wavFile({ rateHz: 48_000, channels: 1, encoding: 's16le', samples: signal(48_000) }),
    );
    pulse = await PulseServer.start();
    for (const [name, value] of Object.entries(pulse.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await pulse?.stop();
    rmSync(directory, { recursive: true });
  });

  it('lists the default device', async () => {
    const devices = await listMicrophones();
    expect(devices.find(({ isDefault }) => isDefault)?.name).toBe('default');
  });

  it('hears what is played', async () => {
    const source = fromMicrophone();
    const heard: number[] = [];
    const played = { at: Infinity };
    let playing: Promise<void> | undefined;
    for await (const { startSample, samples } of source) {
      expect(startSample).toBe(heard.length);
      heard.push(...samples);
      playing ??= pulse!.play(recording).then(() => {
        played.at = heard.length;
      });
      if (heard.length > played.at + 16_000) break;
    }
    await playing;
    expect(source.lostSamples).toBe(0);
    // A busy machine may make the player stumble, so the signal is looked for piece by piece.
    const wanted = signal(16_000);
    const found = [];
    for (let at = 0; at < wanted.length; at += PIECE_SAMPLES) {
      found.push(correlation(Float32Array.from(heard), wanted.subarray(at, at + PIECE_SAMPLES)));
    }
    expect(found.filter((similarity) => similarity > 0.9).length, String(found)).toBeGreaterThanOrEqual(6);
  });

  it('finds by the doctor that nothing is played', async () => {
    const checks = await micDoctor();
    const level = checks.find(({ check }) => check === 'level');
    expect(checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['level']);
    expect(level?.detail).toContain('zero');
  });

  it('refuses a device that is not there', async () => {
    const pulled = fromMicrophone({ device: 'no such thing' })[Symbol.asyncIterator]().next();
    await expect(pulled).rejects.toMatchObject({ code: 'microphone-unavailable' });
  });
});

/** Highest normalised correlation of `wanted` with any stretch of `heard`; 1 is the same wave. */
function correlation(heard: Float32Array, wanted: Float32Array): number {
  // The signal has nothing above 2 kHz: every fourth sample holds all of it.
  const step = 4;
  let power = 0;
  for (let i = 0; i < wanted.length; i += step) power += wanted[i]! ** 2;
  let best = 0;
  for (let at = 0; at + wanted.length <= heard.length; at++) {
    let dot = 0;
    let energy = 0;
    for (let i = 0; i < wanted.length; i += step) {
      dot += heard[at + i]! * wanted[i]!;
      energy += heard[at + i]! ** 2;
    }
    if (energy > 0) best = Math.max(best, dot / Math.sqrt(power * energy));
  }
  return best;
}
