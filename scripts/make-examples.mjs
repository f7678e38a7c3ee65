#!/usr/bin/env node
/**
 * Make the example recordings with flite (Debian package `flite`): two enrolments and a short meeting
 * of Alice (voice slt), Bob (rms) and a third voice nobody enrolled (kal16), with the truth as RTTM.
 *
 *   node scripts/make-examples.mjs [folder = examples/audio]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RATE_HZ = 16_000;
const VOICES = { alice: 'slt', bob: 'rms', carol: 'kal16' };
const ENROLMENT = {
  alice:
    'Hello, this is Alice. I look after the release plan and the budget for this quarter, and I will be ' +
    'taking notes today. Please send me anything that you would like to add before Thursday afternoon.',
  bob:
    'My name is Bob, and I lead the platform team. We moved the database last week, and everything has ' +
    'been quiet since then. I will write up what we learned, and share it with all of you tomorrow.',
};
/** Pause in seconds before the turn, speaker, words. */
const MEETING = [
  [0.6, 'alice', 'Good morning everyone. Shall we begin with the numbers from last month?'],
  [0.5, 'bob', 'Yes, please. The servers were up for the whole month, and the cost went down by a tenth.'],
  [0.7, 'alice', 'That is good to hear. Did the new machines arrive on time, or are we still waiting?'],
  [0.4, 'carol', 'Sorry that I am late. The train stood still outside the city for almost an hour.'],
  [0.6, 'bob', 'No problem at all. They came on Monday, and two of them are already running.'],
  [0.5, 'alice', 'Then we can close this point, and move on to the plan for the summer.'],
  [1.2, 'carol', 'I would like to say something about that, if there is still time for it.'],
  [0.5, 'bob', 'Of course. Take all the time that you need, and we will answer afterwards.'],
];

/** Speech of one voice, trimmed to what is audible, as float samples. */
function speak(voice, text, folder) {
  const file = join(folder, 'speech.wav');
  execFileSync('flite', ['-voice', voice, '-t', text, '-o', file]);
  const wav = readFileSync(file);
  const rate = wav.readUInt32LE(24);
  if (rate !== RATE_HZ) throw new Error(`flite voice ${voice} speaks at ${rate} Hz, expected ${RATE_HZ}`);
  const data = wav.indexOf('data') + 8;
  const samples = Float32Array.from(
    { length: (wav.length - data) >> 1 },
    (_, i) => wav.readInt16LE(data + 2 * i) / 32768,
  );
  const audible = (x) => Math.abs(x) > 0.01;
  return samples.slice(samples.findIndex(audible), samples.findLastIndex(audible) + 1);
}

/** A room is never digitally silent: seeded noise at about -70 dBFS keeps the example honest. */
function roomNoise(length, seed) {
  let state = seed >>> 0;
  const next = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * 2 - 1;
  return Float32Array.from({ length }, () => next() * 0.0005);
}

function join16k(parts, seed) {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const mixed = roomNoise(total, seed);
  let at = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) mixed[at + i] += 0.5 * part[i];
    at += part.length;
  }
  return mixed;
}

function wavBytes(samples) {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE_HZ, 24);
  bytes.writeUInt32LE(2 * RATE_HZ, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((x, i) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, x)) * 32767), 44 + 2 * i));
  return bytes;
}

const folder = process.argv[2] ?? 'examples/audio';
const scratch = mkdtempSync(join(tmpdir(), 'examples-'));
try {
  const silence = (seconds) => new Float32Array(Math.round(seconds * RATE_HZ));
  for (const [name, text] of Object.entries(ENROLMENT)) {
    const speech = speak(VOICES[name], text, scratch);
    writeFileSync(join(folder, `${name}.wav`), wavBytes(join16k([silence(0.3), speech, silence(0.3)], 1)));
  }
  const parts = [];
  const rttm = [];
  let at = 0;
  for (const [pauseSeconds, name, text] of MEETING) {
    const pause = silence(pauseSeconds);
    const speech = speak(VOICES[name], text, scratch);
    const start = (at + pause.length) / RATE_HZ;
    rttm.push(
      `SPEAKER meeting 1 ${start.toFixed(3)} ${(speech.length / RATE_HZ).toFixed(3)} <NA> <NA> ${name} <NA> <NA>`,
    );
    parts.push(pause, speech);
    at += pause.length + speech.length;
  }
  parts.push(silence(0.6));
  writeFileSync(join(folder, 'meeting.wav'), wavBytes(join16k(parts, 2)));
  writeFileSync(join(folder, 'meeting.rttm'), `${rttm.join('\n')}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}
