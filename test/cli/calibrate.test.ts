import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRttm } from '../../src/evaluate/index.js';
import type { FinalEvent, IdentifyEvent } from '../../src/index.js';
import { readExample } from '../fbank/read-example.js';
import { runHere } from '../cli-in-process.js';
import { exampleStore } from '../example-voices.js';
import { AUDIO } from '../helpers.js';
import { wavFile } from '../stream/wav-file.js';

const scratch = mkdtempSync(join(tmpdir(), 'calibrate-'));
const voices = join(scratch, 'voices');
const RECORDINGS = 3;
/** Played at another speed, a voice is another voice: higher and smaller, or lower and larger. */
const SPEEDS = [0.8, 1, 1.25];

interface Calibrated {
  readonly format: string;
  readonly speakers: number;
  readonly equalErrorRate: number;
  readonly logLikelihoodRatioCost: number;
  readonly standardThreshold: number;
  readonly scoring: object;
  readonly model: object;
}

const calibrate = async (...args: string[]): Promise<Calibrated> => {
  const { code, stdout, stderr } = await runHere(['calibrate', voices, '--json', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Calibrated;
};

/** What a run with --json prints, from the file that it wrote. */
function told(path: string): Calibrated {
  const { model, scoring, measured } = JSON.parse(readFileSync(path, 'utf8')) as Calibrated & {
    measured: Omit<Calibrated, 'format' | 'model' | 'scoring'>;
  };
  return { format: 'whospeaks-calibration-2', model, scoring, ...measured };
}

beforeAll(() => {
  const meeting = readExample('examples/audio/meeting.wav');
  const carol = readRttm(readFileSync(`${AUDIO}/meeting.rttm`, 'utf8'))
    .filter(({ speaker }) => speaker === 'carol')
    .map((turn) => meeting.subarray(turn.startSeconds * 16_000, turn.endSeconds * 16_000));
  const people: Record<string, Float32Array> = {
    alice: readExample('examples/audio/alice.wav'),
    bob: readExample('examples/audio/bob.wav'),
    carol: Float32Array.from(carol.flatMap((part) => [...part])),
  };
  for (const [name, samples] of Object.entries(people)) {
    for (const speed of SPEEDS) {
      const folder = join(voices, `${name} ${speed}`);
      mkdirSync(folder, { recursive: true });
      const length = Math.floor(samples.length / RECORDINGS);
      for (let i = 0; i < RECORDINGS; i++) {
        const part = samples.slice(i * length, (i + 1) * length);
        const wav = wavFile({ rateHz: 16_000 * speed, channels: 1, encoding: 's16le', samples: part });
        writeFileSync(join(folder, `${i}.wav`), wav);
      }
    }
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

describe('whospeaks calibrate', () => {
  const file = join(scratch, 'calibration.json');
  let loose: Calibrated;

  it('fits a folder of speakers, prints what was measured, and keeps it', async () => {
    const { code, stdout } = await runHere([
      'calibrate',
      voices,
      '--false-accept-rate',
      '0.2',
      '--out',
      file,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^9 speakers, \d+ comparisons with the same speaker, \d+ with another$/m);
    expect(stdout).toMatch(/^equal error rate: \d+\.\d %$/m);
    expect(stdout).toMatch(/^Cllr, speakers not fitted on: \d\.\d{3} bit$/m);
    expect(stdout).toMatch(
      /^threshold for 20\.0 % of strangers named, among 9 enrolled: \d+\.\d\d \(standardised\)$/m,
    );
    expect(stdout).toContain(`wrote ${file}`);
    // No rate is taken from the file: who wants this threshold is told how to have it.
    expect(stdout).toContain('`listen --calibration FILE --false-accept-rate 0.2`');
    loose = told(file);
  });

  it('tells voices apart, and asks for more where fewer strangers may be named', async () => {
    const out = join(scratch, 'strict.json');
    const strict = await calibrate('--false-accept-rate', '0.01', '--out', out);
    expect(strict).toEqual(told(out));
    expect(loose.speakers).toBe(9);
    expect(loose.equalErrorRate).toBeLessThan(0.2);
    expect(loose.logLikelihoodRatioCost).toBeGreaterThan(0);
    expect(loose.logLikelihoodRatioCost).toBeLessThan(0.8);
    expect(strict.standardThreshold).toBeGreaterThan(loose.standardThreshold + 0.5);
    expect(strict.scoring).toEqual(loose.scoring);
  });

  it('gives listen what its scores mean', async () => {
    const store = await exampleStore();
    const listen = async (...args: string[]): Promise<FinalEvent[]> => {
      const { code, stdout } = await runHere([
        'listen',
        `${AUDIO}/meeting.wav`,
        '--store',
        store,
        '--json',
        ...args,
      ]);
      expect(code).toBe(0);
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as IdentifyEvent)
        .filter((event) => event.type === 'final');
    };
    const [plain, calibrated] = [await listen(), await listen('--calibration', file)];
    const names = (finals: readonly FinalEvent[]): string[] =>
      finals.filter(({ known }) => known).map(({ speaker }) => speaker);
    expect(new Set(names(calibrated))).toEqual(new Set(names(plain)));
    expect(calibrated.map(({ probability }) => probability)).not.toEqual(
      plain.map(({ probability }) => probability),
    );
    // Where strangers score that much, nobody is anybody.
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { scoring: object };
    const doubtful = join(scratch, 'doubtful.json');
    writeFileSync(doubtful, JSON.stringify({ ...kept, scoring: { ...kept.scoring, impostorMean: 50 } }));
    expect((await listen('--calibration', doubtful)).every(({ known }) => !known)).toBe(true);
  });

  const refused: [what: string, args: () => string[], error: RegExp][] = [
    ['a folder that is not there', () => ['calibrate', join(scratch, 'none')], /\[file-not-found\]/],
    [
      'too few speakers',
      () => ['calibrate', join(voices, 'bob 1')],
      /has 0 speakers with two recordings or more, at least 4 are needed.*\[invalid-option\]/,
    ],
    [
      'a rate that is none',
      () => ['calibrate', voices, '--false-accept-rate', '10'],
      /expected a share between 0 and 1, received "10" \[invalid-option\]/,
    ],
    [
      'a calibration of another model',
      () => {
        const foreign = join(scratch, 'foreign.json');
        const kept = JSON.parse(readFileSync(file, 'utf8')) as object;
        writeFileSync(foreign, JSON.stringify({ ...kept, model: { name: 'other', fingerprint: 'ffff' } }));
        return ['listen', `${AUDIO}/meeting.wav`, '--calibration', foreign];
      },
      /made with model "other".*\[model-mismatch\]/,
    ],
    [
      'a calibration of an older version',
      () => {
        const old = join(scratch, 'old.json');
        const kept = JSON.parse(readFileSync(file, 'utf8')) as object;
        writeFileSync(old, JSON.stringify({ ...kept, format: 'whospeaks-calibration' }));
        return ['listen', `${AUDIO}/meeting.wav`, '--calibration', old];
      },
      /is no calibration: an older version made it.*whospeaks calibrate.*\[file-unreadable\]/,
    ],
    [
      'a file that is no calibration',
      () => ['listen', `${AUDIO}/meeting.wav`, '--calibration', `${AUDIO}/meeting.rttm`],
      /is no calibration.*\[file-unreadable\]/,
    ],
  ];
  it.each(refused)('%s is refused', async (_, args, error) => {
    const { code, stderr } = await runHere(args());
    expect(code).not.toBe(0);
    expect(stderr).toMatch(error);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
