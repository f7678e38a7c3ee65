/**
 * Measures speech gates on real recordings and writes docs/speech-gate.md.
 * usage: npx tsx measure/gate/main.ts --audio DIR [--python PATH]
 * `--python`: an interpreter that has silero-vad and onnxruntime; without it Silero's rows are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nativeFrontEnd } from '../../src/native/index.js';
import { table } from '../accuracy/table.js';
import { ours, rnnoise, silero, webRtc, type Outcome } from './candidates.js';
import { MelGate } from './mel-gate.js';
import { readRecordings, type Recording, type SetName } from './recordings.js';

const DEFAULT_GATE = '**Neural gate** (default)';

const { values } = parseArgs({ options: { audio: { type: 'string' }, python: { type: 'string' } } });
const recordings = await readRecordings(values.audio ?? '../shared/audio');
const outcomes: Outcome[] = [];
const add = (...more: Outcome[]): void => {
  outcomes.push(...more);
  for (const { name } of more) console.error(`measured ${name}`);
};
for (const mode of [2, 3]) add(await webRtc(mode, 15, recordings));
add(...(await rnnoise([[0.2, 0.1]], recordings)));
add(ours('Mel gate (level above a tracked floor)', () => new MelGate(), recordings));
add(ours(DEFAULT_GATE, nativeFrontEnd.makeGate, recordings));
if (values.python)
  add(
    ...silero(
      values.python,
      [
        [0.5, 0.35],
        [0.2, 0.1],
      ],
      recordings,
    ),
  );

/** Share of the frames of a truth that got the wrong flag, percent. */
function share(outcome: Outcome, sets: readonly SetName[], truths: readonly number[]): string {
  let wrong = 0;
  let all = 0;
  recordings.forEach((recording: Recording, r) => {
    const flags = outcome.flags[r];
    if (!flags || !sets.includes(recording.set)) return;
    recording.truth.forEach((truth, i) => {
      if (!truths.includes(truth)) return;
      all++;
      if ((flags[i] ?? 0) !== truth) wrong++;
    });
  });
  return all === 0 ? '-' : ((100 * wrong) / all).toFixed(1);
}

const HEAD = [
  'gate',
  'meeting miss',
  'meeting false',
  'read miss',
  '-50 dBFS miss',
  'telephone miss',
  '5 dB miss',
  '5 dB false',
  'noise false',
  'us / frame',
];
const rows = outcomes.map((o) => [
  o.name,
  share(o, ['meeting'], [1]),
  share(o, ['meeting'], [0]),
  share(o, ['read'], [1]),
  share(o, ['quiet'], [1]),
  share(o, ['telephone'], [1]),
  share(o, ['noisy 5 dB'], [1]),
  share(o, ['noisy 5 dB'], [0]),
  share(o, ['noise'], [0]),
  o.microsecondsPerFrame?.toFixed(1) ?? '-',
]);

/** The recordings of noise that the default gate takes for speech more than half of the time. */
function taken(): string {
  const flags = outcomes.find(({ name }) => name === DEFAULT_GATE)!.flags;
  const noise = recordings
    .map(({ set, name }, r) => ({ set, name, flags: flags[r]! }))
    .filter(({ set }) => set === 'noise');
  const shares = noise.map(({ name, flags: its }) => ({
    name,
    percent: (100 * its.filter((flag) => flag > 0).length) / its.length,
  }));
  const most = shares.filter(({ percent }) => percent > 50).sort((a, b) => b.percent - a.percent);
  const list = most.map(({ name, percent }) => `${name} (${percent.toFixed(0)} %)`).join(', ');
  return `Of the ${shares.length} recordings of noise, the default gate takes for speech most of: ${list || 'none'}.`;
}

const file = 'docs/speech-gate.md';
const text = readFileSync(file, 'utf8');
const [before, after] = [text.indexOf('<!-- table -->'), text.indexOf('<!-- end of table -->')];
if (before < 0 || after < before) throw new Error(`${file} has no place for the table`);
const report = `${table(HEAD, rows)}\n\n${taken()}`;
writeFileSync(file, `${text.slice(0, before)}<!-- table -->\n\n${report}\n\n${text.slice(after)}`);
console.log(report);
