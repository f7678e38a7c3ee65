import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IdentifyEvent, FinalEvent } from '../../src/index.js';
import { runHere } from '../cli-in-process.js';
import { exampleStore } from '../example-voices.js';
import { voicePart } from '../server/voice-part.js';
import { AUDIO, whospeaks, type Ran } from '../helpers.js';

const ENROLL = ['--enroll', `${AUDIO}/alice.wav`, '--enroll', `bob=${AUDIO}/bob.wav`];
/** The same two, saved: who is enrolled from recordings takes a second of a processor. */
const saved = async (): Promise<string[]> => ['--speakers', 'alice,bob', '--store', await exampleStore()];
const MEETING = `${AUDIO}/meeting.wav`;

const events = (stdout: string): IdentifyEvent[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as IdentifyEvent);
const segments = (all: readonly IdentifyEvent[]): FinalEvent[] =>
  all.filter((event) => event.type === 'final');

interface Turn {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker: string;
}

/** The truth, with the voice nobody enrolled as `unknown`. */
const truth: Turn[] = readFileSync(`${AUDIO}/meeting.rttm`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [, , , start, duration, , , name] = line.split(' ');
    const speaker = name === 'alice' || name === 'bob' ? name : 'unknown-1';
    return { startSeconds: Number(start), endSeconds: Number(start) + Number(duration), speaker };
  });

/** Write the length of a cut file into its header. */
function setLength(wav: string): void {
  const bytes = readFileSync(wav);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  writeFileSync(wav, bytes);
}

/** What a program of its own tells of the meeting, once for all who ask. */
let told: Promise<Ran> | undefined;
const heardMeeting = (): Promise<Ran> => (told ??= whospeaks(['listen', MEETING, ...ENROLL, '--json']));

describe('listen', () => {
  it('hears where two speak at once with --segmentation, and names as without it', async () => {
    const args = ['listen', MEETING, ...(await saved()), '--json'];
    const { code, stdout, stderr } = await runHere([...args, '--segmentation']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(segments(events(stdout)).map(({ speaker }) => speaker)).toEqual(
      truth.map(({ speaker }) => speaker),
    );
    const missing = await runHere([...args, '--segmentation', '/nowhere/network.onnx']);
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain('/nowhere/network.onnx');
  });

  it('names every turn of the example meeting, the stranger included', async () => {
    const { code, stdout, stderr } = await heardMeeting();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const told = segments(events(stdout));
    expect(told.map(({ speaker }) => speaker)).toEqual(truth.map(({ speaker }) => speaker));
    told.forEach((segment, i) => {
      expect(Math.abs(segment.startSample / 16_000 - truth[i]!.startSeconds)).toBeLessThan(0.35);
      expect(Math.abs(segment.endSample / 16_000 - truth[i]!.endSeconds)).toBeLessThan(0.5);
      // Where it was heard is nearer to the truth, in samples and in seconds.
      const { startSample, endSample } = segment.speech[0]!;
      expect(segment.speech).toEqual([
        { startSample, endSample, start: startSample / 16_000, end: endSample / 16_000 },
      ]);
      expect(Math.abs(startSample / 16_000 - truth[i]!.startSeconds)).toBeLessThan(0.1);
      expect(Math.abs(endSample / 16_000 - truth[i]!.endSeconds)).toBeLessThan(0.2);
    });
  });

  it('tells the same events from a pipe, at another rate of reading, and in real time order', async () => {
    const file = await heardMeeting();
    const pcm = readFileSync(MEETING).subarray(44);
    const piped = await whospeaks(['listen', '-', ...(await saved()), '--json'], { stdin: pcm });
    expect(piped.code).toBe(0);
    expect(piped.stdout).toBe(file.stdout);
  });

  it('warns of two that are enrolled with one voice, as `speakers add` does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-alike-'));
    const [alice, bob] = [`${AUDIO}/alice.wav`, join(folder, 'bob.wav')];
    writeFileSync(bob, voicePart('bob'));
    const listen = (store: string, ...args: string[]) =>
      runHere(['listen', bob, ...args, '--enroll', `carol=${alice}`, '--store', store]);
    const alike = /^warning: carol: sounds like "alice" \(one voice at 100 %\); is it the same person\?\n$/;
    const both = await listen(join(folder, 'store'), '--enroll', alice);
    expect(both).toMatchObject({ code: 0, stderr: expect.stringMatching(alike) as string });
    const saved = await listen(await exampleStore(undefined, ['alice']));
    expect(saved.stderr).toMatch(alike);
  });

  it('warns of an enrolment with a second voice, and says that nobody was heard', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-two-'));
    const [two, still] = [join(folder, 'a, b.wav'), join(folder, 'still.wav')];
    const meeting = readFileSync(MEETING);
    writeFileSync(two, meeting.subarray(0, 44 + 16 * 32_000));
    writeFileSync(still, Buffer.concat([meeting.subarray(0, 44), Buffer.alloc(2 * 32_000)]));
    for (const wav of [two, still]) setLength(wav);
    const { code, stdout, stderr } = await runHere(['listen', still, '--enroll', `ann=${two}`]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^warning: ann: another voice speaks in \d+ % of the recording; /m);
    expect(stderr).toMatch(/^warning: no speech in 2\.0 s of sound: it is silence; /m);
  });

  it('names an unknown voice when all was heard, and saves it', async () => {
    const store = await exampleStore();
    const listen = (...args: string[]) =>
      runHere(['listen', MEETING, '--speakers', 'alice,bob', '--store', store, ...args]);
    const { code, stdout, stderr } = await listen('--name', 'unknown-1=Dana', '--json');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^saved unknown-1 as Dana \(\d+\.\d s of speech\)\n$/) as string,
    });
    const told = events(stdout);
    expect(told.at(-1)!.type).toBe('end');
    // As the service tells it: the voiceprint is in the store, and no hundred thousand digits of a log.
    const named = told.find((event) => event.type === 'named')!;
    const at = named.atSample / 16_000;
    const { atSample } = named;
    expect(named).toEqual({
      type: 'named',
      how: 'enrolled',
      atSample,
      label: 'unknown-1',
      speaker: 'Dana',
      at,
    });
    const corrected = told.filter((event) => event.type === 'correction' && event.speaker === 'Dana');
    expect(corrected).toHaveLength(truth.filter(({ speaker }) => speaker === 'unknown-1').length);
    const again = await listen('--speakers', '--json');
    const names = truth.map(({ speaker }) => (speaker === 'unknown-1' ? 'Dana' : speaker));
    expect(segments(events(again.stdout)).map(({ speaker }) => speaker)).toEqual(names);

    for (const [argument, error, isHeard] of [
      ['dana', /invalid-option/, false],
      ['alice=dana', /invalid-option/, false],
      ['unknown-1=a/b', /speaker-name/, false],
      ['unknown-1=dana', /speaker-exists/, false],
      ['unknown-7=eve', /unknown-7 could not be named[^]*speaker-not-found/, true],
    ] as const) {
      const refused = await listen('--name', argument);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(error);
      expect(refused.stdout !== '').toBe(isHeard);
    }
  });

  it('gives an unknown voice to a speaker who is saved: kept apart, or learnt from', async () => {
    const at = ['--store', await exampleStore(undefined, ['alice'])];
    const listen = (...args: string[]) =>
      runHere(['listen', MEETING, '--speakers', ...at, '--json', '--name', 'unknown-1=Alice', ...args]);
    const given = await listen();
    expect(given).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('unknown-1 is alice: what was heard is kept apart') as string,
    });
    const told = events(given.stdout);
    expect(told.find((event) => event.type === 'named')).toMatchObject({ speaker: 'alice', how: 'adapted' });
    const heard = told.filter((event) => event.type === 'final' && event.speaker === 'unknown-1');
    expect(heard.length).toBeGreaterThan(0);
    const corrected = told.filter((event) => event.type === 'correction' && event.was === 'unknown-1');
    expect(corrected.length).toBeGreaterThanOrEqual(heard.length);
    expect((await runHere(['speakers', 'undo', 'alice', ...at])).stdout).toBe('forgot 1 of alice\n');
    const learnt = await listen('--learn');
    expect(learnt.stderr).toContain('part of the profile now');
    const list = JSON.parse((await runHere(['speakers', 'list', '--json', ...at])).stdout) as {
      speakers: { recordings: number }[];
    };
    expect(list.speakers.map(({ recordings }) => recordings)).toEqual([2]);

    // One who is saved and not listened for cannot be meant; two unknown labels can be one.
    const unheard = await runHere([
      ...['listen', MEETING, ...at, '--enroll', `${AUDIO}/bob.wav`, '--name', 'unknown-1=alice'],
    ]);
    expect([unheard.code, unheard.stderr]).toEqual([5, expect.stringContaining('add --speakers')]);
    const fresh = ['--store', mkdtempSync(join(tmpdir(), 'whospeaks-merged-'))];
    const merged = await runHere(['listen', MEETING, ...fresh, '--name', 'unknown-2=unknown-1', '--json']);
    expect(merged.stderr).toBe('unknown-2 is unknown-1\n');
    expect(
      events(merged.stdout).some((event) => event.type === 'correction' && event.was === 'unknown-2'),
    ).toBe(true);
  });

  it('is also installed as plain `listen`, and prints plain lines in a pipe', async () => {
    const { runProgram } = await import('../helpers.js');
    const { code, stdout } = await runProgram(process.execPath, [
      'dist/cli/listen-main.js',
      MEETING,
      ...(await saved()),
    ]);
    expect(code).toBe(0);
    const [turns, times] = stdout.split('\n\n');
    const lines = turns!.split('\n');
    expect(lines).toHaveLength(truth.length);
    expect(lines[0]).toMatch(/^00:00\.\d - 00:0\d\.\d {2}alice {2}\d\d %$/);
    expect(times).toMatch(/^talk time\n( {2}\S+ +00:\d\d\.\d +\d\d %\n){3}$/);
  });

  it('writes RTTM of the finished turns', async () => {
    const rttm = join(mkdtempSync(join(tmpdir(), 'rttm-')), 'out.rttm');
    const listen = async (...args: string[]) => runHere(['listen', MEETING, ...(await saved()), ...args]);
    const { code } = await listen('--rttm', rttm);
    expect(code).toBe(0);
    const lines = readFileSync(rttm, 'utf8').trim().split('\n');
    expect(lines.map((line) => line.split(' ')[7])).toEqual(truth.map(({ speaker }) => speaker));
    // A name that is given at the end is that of the earlier turns too.
    await listen('--rttm', rttm, '--name', 'unknown-1=Dana');
    const corrected = readFileSync(rttm, 'utf8').trim().split('\n');
    expect(corrected).toEqual(lines.map((line) => line.replace('unknown-1', 'Dana')));
    expect(lines[0]).toMatch(/^SPEAKER meeting 1 \d+\.\d{3} \d+\.\d{3} <NA> <NA> alice <NA> <NA>$/);
    const printed = await listen('--rttm', '-');
    expect(printed).toMatchObject({ code: 0, stderr: '', stdout: `${lines.join('\n')}\n` });
  });

  it.each([
    [['--rttm', '-', '--json'], /--json and --rttm - both write to standard output.*\[invalid-option\]/],
    [
      ['--rttm', '-', '--enroll', `Mary Ann=${AUDIO}/alice.wav`, '--name', 'unknown-1=Mary_Ann'],
      /RTTM: "Mary Ann" and "Mary_Ann" would both be Mary_Ann.*\[invalid-option\]/,
    ],
  ])('refuses %j, before anything is listened to', async (args, message) => {
    const store = mkdtempSync(join(tmpdir(), 'whospeaks-refused-'));
    const { code, stdout, stderr } = await runHere(['listen', MEETING, '--store', store, ...args]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['SIGINT', 0],
    ['SIGTERM', 143],
  ] as const)('ends cleanly at %s, with the turn in progress told', async (signal, expected) => {
    const { code, stdout } = await whospeaks(
      ['listen', MEETING, ...(await saved()), '--json', '--realtime'],
      {
        onStart: (child) => {
          child.stdout!.once('data', () => {
            child.kill(signal);
          });
        },
      },
    );
    expect(code).toBe(expected);
    const all = events(stdout);
    expect(all.at(-1)?.type).toBe('end');
    expect(segments(all).map(({ speaker }) => speaker)).toEqual(['alice']);
  });

  it('a threshold nobody reaches makes everybody unknown', async () => {
    const { stdout } = await runHere([
      'listen',
      MEETING,
      ...(await saved()),
      '--json',
      '--threshold',
      '0.999',
    ]);
    const told = segments(events(stdout));
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ speaker, known }) => !known && speaker.startsWith('unknown'))).toBe(true);
  });

  it('a reader that closes the pipe early ends it quietly', () => {
    const command = `node dist/cli/main.js listen ${MEETING} --enroll ${AUDIO}/alice.wav --json | head -1`;
    const output = execFileSync('bash', ['-c', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(events(output)).toHaveLength(1);
  });
});
