import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readText } from '../../../src/cli/evaluate-input.js';
import { readEvents, readRttm, readTrials, readUem, readUnscored } from '../../../src/evaluate/index.js';
import { ProfileStore } from '../../../src/index.js';
import { CALIBRATION_FORMAT, readCalibration } from '../../../src/stages.js';
import { loadConfig, makeToken, readTokensFile } from '../../../src/server/index.js';
import { MODEL, profileFor, randomVoice } from '../../../test/tracker/synthetic.js';
import { randomNumbers } from '../../../test/random.js';
import type { Format } from './format.js';
import { jsonMutant, linesMutant } from './text.js';

const PROFILE_FILE = '0123456789abcdef.json';

const CALIBRATION = {
  format: CALIBRATION_FORMAT,
  model: { name: MODEL.name, fingerprint: MODEL.fingerprint },
  scoring: {
    impostorMean: 0,
    impostorDeviation: 1,
    genuineMean: 6,
    genuineGrowth: 1,
    turnDeviation: 1,
    streamDeviation: 1,
  },
};
const TURN = { turn: 1, revision: 1, startSample: 0, endSample: 48_000, atSample: 48_000, speaker: 'alice' };
const TOLD = { ...TURN, known: true, score: 3, probability: 0.98, overlap: false, others: [] };
const EVENTS = [
  { type: 'tentative', ...TOLD },
  { type: 'final', ...TOLD, speech: [{ startSample: 0, endSample: 48_000 }], overlaps: [] },
  { type: 'correction', ...TOLD, was: 'unknown-1' },
  { type: 'silence', startSample: 48_000, atSample: 56_000 },
];
const RTTM = `SPEAKER meeting 1 0.000 3.000 <NA> <NA> alice <NA> <NA>
SPEAKER meeting 1 3.500 2.250 <NA> <NA> bob <NA> <NA>
NOSCORE meeting 1 6.000 1.000 <NA> <NA> <NA> <NA> <NA>
`;

/** What is text: JSON of ours, and the field's annotations. */
export const DOCUMENTS: Readonly<Record<string, () => Promise<Format>>> = {
  profile: async () => ({
    ...json(PROFILE_FILE, (await stored()).profile),
    read: async (path) => {
      const { damaged } = await new ProfileStore({ folder: dirname(path) }).list();
      return damaged.length > 0 ? 'refused' : 'read';
    },
  }),
  export: async () => ({
    ...json('speakers.json', (await stored()).exported),
    read: async (path) => {
      const folder = join(dirname(path), 'store');
      await new ProfileStore({ folder }).import(path, { onConflict: 'replace' });
      await rm(folder, { recursive: true });
      return 'imported';
    },
  }),
  tokens: () =>
    Promise.resolve({
      ...json('tokens.json', JSON.stringify({ tokens: [makeToken('a', 'team-a').record] })),
      read: (path) => done('read', () => readTokensFile(path)),
    }),
  'server configuration': () =>
    Promise.resolve({
      ...json('config.json', JSON.stringify({ port: 0, maxStreams: 8, allowedOrigins: ['https://a.org'] })),
      read: (path) => done('read', () => loadConfig({ file: path })),
    }),
  calibration: () =>
    Promise.resolve({
      ...json('calibration.json', JSON.stringify(CALIBRATION)),
      read: async (path) => {
        await readCalibration(path, MODEL);
        return 'read';
      },
    }),
  RTTM: () => annotations(RTTM, (text) => [readRttm(text), readUnscored(text)]),
  UEM: () => annotations('meeting 1 0.000 30.000\nmeeting 1 40.0 50.0\n', readUem),
  'trial list': () => annotations('target 3.5\nnontarget -2.25\ntarget 1e-3\n', readTrials),
  events: () => annotations(EVENTS.map((event) => JSON.stringify(event)).join('\n'), readEvents),
};

function json(file: string, text: string): Omit<Format, 'read'> {
  return {
    file,
    valid: [Buffer.from(text)],
    mutant: (mutator) => Buffer.from(jsonMutant(mutator, text)),
  };
}

function annotations(text: string, read: (text: string) => unknown): Promise<Format> {
  return Promise.resolve({
    file: 'annotations.txt',
    valid: [Buffer.from(text)],
    mutant: (mutator) => Buffer.from(linesMutant(mutator, text)),
    read: (path) => done('read', () => read(readText(path))),
  });
}

function done(word: string, work: () => unknown): Promise<string> {
  return Promise.resolve().then(() => {
    work();
    return word;
  });
}

/** The texts of a stored profile and of an exported one. */
async function stored(): Promise<{ profile: string; exported: string }> {
  const home = await mkdtemp(join(tmpdir(), 'whospeaks-attack-'));
  try {
    const folder = join(home, 'store');
    await mkdir(folder);
    const store = new ProfileStore({ folder });
    const voice = randomVoice(randomNumbers(1));
    await store.add({ ...profileFor('alice', voice), createdAt: '2026-01-01T00:00:00.000Z' });
    await store.adapt('alice', {
      vector: voice,
      seconds: 3,
      probability: 0.99,
      addedAt: '2026-01-01T00:00:00.000Z',
    });
    const exported = join(home, 'speakers.json');
    await store.export(exported);
    const { speakers } = JSON.parse(await readFile(exported, 'utf8')) as { speakers: [object] };
    return { profile: JSON.stringify(speakers[0]), exported: await readFile(exported, 'utf8') };
  } finally {
    await rm(home, { recursive: true });
  }
}
