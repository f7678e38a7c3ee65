import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whospeaksProgram } from '../../../src/cli/program.js';
import { diarizationError, readRttm } from '../../../src/evaluate/index.js';
import { runHere } from '../../cli-in-process.js';
import { exampleStore } from '../../example-voices.js';
import { AUDIO, whospeaks } from '../../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-diarize-'));
const MEETING = `${AUDIO}/meeting.wav`;
const ENROLL = ['--enroll', `${AUDIO}/alice.wav`, '--enroll', `bob=${AUDIO}/bob.wav`];

/** A wav file of so many seconds from the start of another. */
function cut(name: string, from: string, seconds: number, silent = false): string {
  const bytes = readFileSync(from).subarray(0, 44 + seconds * 32_000);
  if (silent) bytes.fill(0, 44);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** Three clear voices that never talk at once. */
const MUCH = 0.1;
const errorOf = (path: string): number =>
  diarizationError(
    readRttm(readFileSync(`${AUDIO}/meeting.rttm`, 'utf8')),
    readRttm(readFileSync(path, 'utf8')),
  ).rate;

describe('diarize', () => {
  it('prints one recording as text, with the names of the enrolled and talk time', async () => {
    const { code, stdout, stderr } = await whospeaks(['diarize', MEETING, ...ENROLL]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [segments, times] = stdout.split('\n\n');
    expect(segments).toMatch(/^00:00\.\d - 00:0\d\.\d {2}alice {2}\d\d %\n/);
    expect(times).toMatch(/^talk time\n( {2}(alice|bob|unknown-\d) +00:\d\d\.\d +\d\d %\n){2,}$/);
  });

  it('does many, whatever one of them is, and goes on where it was stopped', async () => {
    const recordings = join(folder, 'recordings');
    mkdirSync(recordings);
    copyFileSync(MEETING, join(recordings, 'meeting.wav'));
    copyFileSync(cut('still.wav', MEETING, 3, true), join(recordings, 'still.wav'));
    writeFileSync(join(recordings, 'letter.wav'), 'This is a letter, not a sound.\n'.repeat(50));
    const out = join(folder, 'out');
    const saved = ['--saved', '--store', await exampleStore()];
    const args = ['diarize', recordings, ...saved, '--jobs', '2', '--format', 'rttm,vtt', '--out-dir', out];
    const ran = await runHere(args);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/^error: .*letter\.wav.*\[audio-unsupported\]$/m);
    expect(ran.stderr).toMatch(/^warning: .*still\.wav: no speech was found$/m);
    expect(ran.stderr).toMatch(/^1 of 3 recordings failed$/m);
    expect(ran.stdout).toMatch(/^meeting {2}00:40\.\d {2}(bob|alice) \d+ %, .*\d+ %$/m);
    expect(ran.stdout).toMatch(/^still {2}00:03\.0 {2}no speech$/m);
    expect(ran.stdout).toMatch(/^2 recordings, 00:43\.\d of sound\ntalk time\n {2}bob /m);
    expect(readdirSync(out).sort()).toEqual(['meeting.rttm', 'meeting.vtt', 'still.rttm', 'still.vtt']);
    expect(readFileSync(join(out, 'still.vtt'), 'utf8')).toBe('WEBVTT\n');
    expect(errorOf(join(out, 'meeting.rttm'))).toBeLessThan(MUCH);
    const again = await runHere([...args, '--skip-existing']);
    expect(again.stderr).toMatch(/^skipped 2 of 3: their files are there\n/);
    expect(again).toMatchObject({ code: 3, stdout: '' });
  });

  it('takes each channel for a recording of its own', async () => {
    const [alice, bob] = [`${AUDIO}/alice.wav`, `${AUDIO}/bob.wav`].map((path) =>
      readFileSync(path).subarray(44),
    );
    const samples = Math.min(alice!.length, bob!.length) / 2;
    const header = Buffer.from(readFileSync(`${AUDIO}/alice.wav`).subarray(0, 44));
    header.writeUInt16LE(2, 22);
    header.writeUInt32LE(64_000, 28);
    header.writeUInt16LE(4, 32);
    header.writeUInt32LE(36 + 4 * samples, 4);
    header.writeUInt32LE(4 * samples, 40);
    const stereo = Buffer.alloc(4 * samples);
    for (let i = 0; i < samples; i++) {
      alice!.copy(stereo, 4 * i, 2 * i, 2 * i + 2);
      bob!.copy(stereo, 4 * i + 2, 2 * i, 2 * i + 2);
    }
    const call = join(folder, 'call.wav');
    writeFileSync(call, Buffer.concat([header, stereo]));
    const enrolled = ['--saved', 'alice', '--store', await exampleStore()];
    const { code, stdout } = await runHere([
      'diarize',
      call,
      '--split-channels',
      '--format',
      'json',
      ...enrolled,
    ]);
    expect(code).toBe(0);
    const { segments } = JSON.parse(stdout) as { segments: { speaker: string; channel: number }[] };
    const heard = new Set(segments.map(({ speaker, channel }) => `${speaker} on ${channel}`));
    expect(heard).toEqual(new Set(['alice on 0', 'unknown-1 on 1']));
  });

  it('keeps what is done at Ctrl-C', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    for (let i = 0; i < 12; i++) copyFileSync(MEETING, join(many, `call-${i}.wav`));
    const out = join(folder, 'stopped');
    const saved = ['--saved', '--store', await exampleStore()];
    const { code, stdout, stderr } = await whospeaks(['diarize', many, ...saved, '--out-dir', out], {
      onStart: (child) => {
        child.stdout!.once('data', () => {
          child.kill('SIGINT');
        });
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /^stopped: \d+ of 12 recordings are done; the same command with --skip-existing goes on$/m,
    );
    const files = readdirSync(out);
    expect(files.length).toBeGreaterThan(0);
    expect(files.length).toBeLessThan(12);
    expect(stdout.match(/^call-\d+ /gm)).toHaveLength(files.length);
    for (const file of files) expect(errorOf(join(out, file))).toBeLessThan(MUCH);
  });

  it.each([
    [['--speakers', '2', '--max-speakers', '3'], /"speakers": expected either speakers, or/],
    [
      ['--min-speakers', '4', '--max-speakers', '3'],
      /"minSpeakers": expected at most maxSpeakers, received 4/,
    ],
    [['--skip-existing'], /--skip-existing needs --out-dir/],
    [['--format', 'srt,vtt'], /only one format fits on standard output/],
    [[AUDIO, '--format', 'srt'], /--format srt of \d recordings needs --out-dir/],
  ])('refuses %j before the work', async (args, message) => {
    const program = await whospeaksProgram();
    const refused = expect.objectContaining({
      code: 'invalid-option',
      message: expect.stringMatching(message) as string,
    }) as Error;
    await expect(program.parseAsync(['diarize', MEETING, ...args], { from: 'user' })).rejects.toThrow(
      refused,
    );
  });
});
