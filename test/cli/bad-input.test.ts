import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../cli-in-process.js';
import { AUDIO } from '../helpers.js';
import { voicePart } from '../server/voice-part.js';

const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
const file = (name: string, bytes: Buffer | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const alice = readFileSync(`${AUDIO}/alice.wav`);
const header = alice.subarray(0, 44);
const emptyData = Buffer.from(header);
emptyData.writeUInt32LE(0, 40);
/** 0.3 s of real speech with a header that tells the truth. */
const short = Buffer.concat([header, alice.subarray(44 + 32_000, 44 + 32_000 + 9600)]);
short.writeUInt32LE(9600, 40);
const floatWav = Buffer.concat([header, Buffer.alloc(64_000)]);
floatWav.writeUInt16LE(3, 20);
floatWav.writeUInt32LE(64_000, 28);
floatWav.writeUInt16LE(4, 32);
floatWav.writeUInt16LE(32, 34);
floatWav.writeUInt32LE(64_000, 40);
floatWav.writeFloatLE(NaN, 44 + 400);
mkdirSync(join(folder, 'a-folder'));

const meeting = `${AUDIO}/meeting.wav`;
const enroll = ['--enroll', `alice=${file('part.wav', Buffer.from(voicePart('alice')))}`];

/** Every fault gets one clear line with a stable code, and an exit code of its own kind. */
const CASES: [what: string, args: string[], code: string, exit: number][] = [
  ['missing file', ['listen', join(folder, 'none.wav'), ...enroll], 'file-not-found', 3],
  ['a folder', ['listen', join(folder, 'a-folder'), ...enroll], 'file-unreadable', 3],
  ['empty file', ['listen', file('empty.wav', ''), ...enroll], 'audio-empty', 3],
  ['header with no data', ['listen', file('header.wav', emptyData), ...enroll], 'audio-empty', 3],
  [
    'truncated',
    ['listen', file('truncated.wav', alice.subarray(0, 100_000)), ...enroll],
    'audio-truncated',
    3,
  ],
  [
    'not audio',
    ['listen', file('text.wav', 'This is a letter, not a sound.\n'.repeat(50)), ...enroll],
    'audio-unsupported',
    3,
  ],
  ['NaN samples', ['listen', file('nan.wav', floatWav), ...enroll], 'audio-not-finite', 3],
  [
    '0.3 s to enrol',
    ['listen', meeting, '--enroll', `bob=${file('short.wav', short)}`],
    'speech-too-short',
    5,
  ],
  [
    'a duplicate name',
    ['listen', meeting, ...enroll, '--enroll', `ALICE=${AUDIO}/bob.wav`],
    'speaker-exists',
    5,
  ],
  [
    'an absurd name',
    ['listen', meeting, '--enroll', `${'x'.repeat(500)}=${AUDIO}/bob.wav`],
    'speaker-name',
    5,
  ],
  ['a reserved name', ['listen', meeting, '--enroll', `unknown=${AUDIO}/bob.wav`], 'speaker-name', 5],
  [
    'two names of one voice',
    ['listen', meeting, '--name', 'unknown-1=dana', '--name', 'unknown-1=eve'],
    'invalid-option',
    2,
  ],
  ['no input', ['listen'], 'invalid-option', 2],
  ['two inputs', ['listen', meeting, '--mic'], 'invalid-option', 2],
  ['a malformed --enroll', ['listen', meeting, '--enroll', 'bob='], 'invalid-option', 2],
  [
    'a missing model',
    ['listen', meeting, ...enroll, '--model', join(folder, 'none.safetensors')],
    'model-not-found',
    4,
  ],
  [
    'a corrupt model',
    ['listen', meeting, ...enroll, '--model', file('bad.safetensors', Buffer.alloc(4096, 7))],
    'model-',
    4,
  ],
];

describe('bad input', () => {
  it.each(CASES)('%s', async (_what, args, code, exit) => {
    const ran = await runHere(args);
    const errors = ran.stderr.split('\n').filter((line) => line.startsWith('error:'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`\\[${code}[a-z-]*\\]$`));
    expect(ran.code).toBe(exit);
  });

  it('an unknown option is named, with where help is', async () => {
    const ran = await runHere(['listen', meeting, '--thershold', '0.5']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--thershold');
    expect(ran.stderr).toContain('--help');
  });

  it('what came before the end of a truncated file is told before the error', async () => {
    const truncated = file('truncated-meeting.wav', readFileSync(meeting).subarray(0, 44 + 12 * 32_000));
    const ran = await runHere(['listen', truncated, ...enroll, '--enroll', `${AUDIO}/bob.wav`]);
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('  alice  ');
    expect(ran.stdout).toContain('  bob  ');
  });
});
