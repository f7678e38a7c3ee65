import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/evaluate/index.js';
import { telephone } from '../../src/acoustics/telephone.js';
import type { FinalEvent, IdentifyEvent } from '../../src/index.js';
import { readExample } from '../fbank/read-example.js';
import { runHere } from '../cli-in-process.js';
import { exampleStore } from '../example-voices.js';
import { AUDIO } from '../helpers.js';
import { wavFile, type WavSpec } from '../stream/wav-file.js';

const scratch = mkdtempSync(join(tmpdir(), 'hard-sound-'));
const meeting = readExample('examples/audio/meeting.wav');
const alice = readExample('examples/audio/alice.wav');
/** Where Alice and Bob are saved. */
const ENROLLED = ['--store', join(scratch, 'enrolled')];

beforeAll(async () => {
  await exampleStore(ENROLLED[1]);
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function wav(name: string, samples: Float32Array, spec: Partial<WavSpec> = {}): string {
  const path = join(scratch, `${name}.wav`);
  writeFileSync(path, wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples, ...spec }));
  return path;
}

/** So loud that most of the speech is cut off at full scale. */
const clipped = (samples: Float32Array): Float32Array =>
  samples.map((x) => Math.max(-1, Math.min(1, 30 * x)));

async function listen(...args: string[]): Promise<IdentifyEvent[]> {
  const { code, stdout } = await runHere(['listen', ...args, '--json']);
  expect(code).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as IdentifyEvent);
}

const finals = (events: readonly IdentifyEvent[]): FinalEvent[] =>
  events.filter((event) => event.type === 'final');

const secondsOf = (turns: readonly FinalEvent[]): number =>
  turns.reduce((sum, { startSample, endSample }) => sum + (endSample - startSample) / 16_000, 0);

/** The enrolled who were named, turn after turn; two turns of one in a row count once. */
function named(events: readonly IdentifyEvent[]): string[] {
  const names = finals(events)
    .filter(({ known }) => known)
    .map(({ speaker }) => speaker);
  return names.filter((name, i) => name !== names[i - 1]);
}

describe('sound that is hard to hear', () => {
  it('of a call, 8 kHz and mu-law, is named', async () => {
    const narrow = telephone(meeting).filter((_, i) => i % 2 === 0);
    const events = await listen(wav('call', narrow, { rateHz: 8000 }), ...ENROLLED);
    expect(new Set(named(events))).toEqual(new Set(['alice', 'bob']));
    // The meeting has 34.5 s of speech.
    expect(secondsOf(finals(events))).toBeGreaterThan(30);
  });

  it('that is clipped is named, and an enrolment from it is warned of', async () => {
    const events = await listen(wav('clipped', clipped(meeting)), ...ENROLLED);
    expect(named(events).slice(0, 3)).toEqual(['alice', 'bob', 'alice']);
    const { code, stderr } = await runHere([
      'speakers',
      'add',
      'alice',
      wav('clipped-alice', clipped(alice)),
      '--store',
      join(scratch, 'store'),
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: alice: \d+\.\d % of the samples are clipped; record at a lower level$/m,
    );
  });

  it('that is silence has nobody in it, and nobody is enrolled from it', async () => {
    const silence = wav('silence', new Float32Array(20 * 16_000));
    expect(await listen(silence, ...ENROLLED)).toMatchObject([{ type: 'end', endSample: 20 * 16_000 }]);
    const { code, stderr } = await runHere(['listen', silence, '--enroll', `nobody=${silence}`]);
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error: cannot enrol "nobody": .* 0\.0 s of speech.*\[speech-too-short\]$/m);
  });

  it('that is noise mints nobody', async () => {
    const random = new Random(5);
    // A hiss that comes and goes, and clicks.
    const noise = Float32Array.from({ length: 60 * 16_000 }, (_, i) => {
      const swell = 0.5 + 0.5 * Math.sin((2 * Math.PI * i) / (16_000 * 3.7));
      return 0.05 * swell * random.normal() + (i % 23_456 < 20 ? 0.3 : 0);
    });
    const events = await listen(wav('noise', noise), ...ENROLLED);
    expect(finals(events).filter(({ speaker }) => speaker !== 'unknown')).toEqual([]);
  });

  it("with nobody enrolled is nobody's whose name is known", async () => {
    const turns = finals(await listen(`${AUDIO}/meeting.wav`, '--store', join(scratch, 'empty')));
    expect(turns.length).toBeGreaterThan(0);
    expect(turns.every(({ speaker, known }) => !known && speaker.startsWith('unknown'))).toBe(true);
    expect(secondsOf(turns)).toBeGreaterThan(30);
  });
});
