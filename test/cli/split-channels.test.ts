import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRttm } from '../../src/evaluate/index.js';
import { runHere } from '../cli-in-process.js';
import { exampleStore } from '../example-voices.js';
import { whospeaks } from '../helpers.js';
import { interleaved, meetingCall, said } from '../meeting-channels.js';
import { pcmBytes, wavFile } from '../stream/wav-file.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-split-'));
const CALL = join(folder, 'call.wav');
const ONE = join(folder, 'one.wav');
const call = await meetingCall(({ speaker }) => (speaker === 'alice' ? 0 : 1), {
  levelDb: -20,
  delaySamples: 80,
});
const stereo = (channels: readonly Float32Array[]): Buffer =>
  wavFile({ rateHz: 16_000, channels: 2, encoding: 's16le', samples: interleaved(channels) });
writeFileSync(CALL, stereo(call));
writeFileSync(ONE, stereo([call[0], call[0]]));
const MIXED = 'the channels differ and were mixed to one; --split-channels hears each by itself';
const saved = async (): Promise<string[]> => ['--speakers', 'alice,bob', '--store', await exampleStore()];
const channelOf = (speaker: string): string => (speaker === 'alice' ? '1' : '2');

describe('listen --split-channels', () => {
  it('says of each turn the channel, as text, RTTM and JSON', async () => {
    const rttm = join(folder, 'call.rttm');
    const args = ['listen', CALL, '--split-channels', ...(await saved())];
    const { code, stdout, stderr } = await runHere([...args, '--rttm', rttm]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const turns = stdout.split('\n\n')[0]!.split('\n');
    expect(turns).toHaveLength(said.length);
    for (const line of turns) {
      const [, speaker, channel] = /- \d\d:\d\d\.\d {2}(\S+) .*channel (\d)$/.exec(line)!;
      expect(channel, line).toBe(channelOf(speaker!));
    }
    const written = await runHere([...args, '--format', 'rttm']);
    const lines = [readFileSync(rttm, 'utf8'), written.stdout].flatMap((text) => text.trim().split('\n'));
    expect(lines.length).toBeGreaterThanOrEqual(2 * said.length);
    for (const line of lines) {
      const [, , channel, , , , , speaker] = line.split(' ');
      expect(channel, line).toBe(channelOf(speaker!));
    }
    expect(readRttm(written.stdout).length).toBeGreaterThanOrEqual(said.length);
    const json = await runHere([...args, '--json']);
    const events = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; channel?: number });
    const finals = events.filter(({ type }) => type === 'final');
    expect(new Set(finals.map(({ channel }) => channel))).toEqual(new Set([0, 1]));
  });

  it('takes raw samples and files on standard input too', async () => {
    const args = ['listen', '-', '--split-channels', '--json', ...(await saved())];
    const raw = await whospeaks([...args, '--channels', '2'], {
      stdin: pcmBytes('s16le', interleaved(call)),
    });
    const file = await whospeaks(args, { stdin: stereo(call) });
    expect(raw).toMatchObject({ code: 0, stderr: '' });
    expect(raw.stdout).toContain('"channel":1');
    expect(file.stdout).toBe(raw.stdout);
  });

  it('says that channels are one', async () => {
    const { code, stdout, stderr } = await runHere(['listen', ONE, '--split-channels', ...(await saved())]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the channels are alike: .*\n$/);
    expect(stdout).not.toContain('channel 2');
  });
});

describe('channels that differ', () => {
  it('are not mixed without a word by listen, and those that are one are', async () => {
    const differ = await runHere(['listen', CALL, ...(await saved())]);
    expect(differ).toMatchObject({ code: 0, stderr: `warning: ${MIXED}\n` });
    const one = await runHere(['listen', ONE, ...(await saved())]);
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(differ.stdout).not.toContain('channel');
  });

  it('are not mixed without a word by diarize, which says of which recording', async () => {
    const enrolled = ['--saved', '--store', await exampleStore()];
    const { code, stderr } = await runHere(['diarize', CALL, ONE, ...enrolled]);
    expect(code).toBe(0);
    expect(stderr).toContain(`warning: ${CALL}: ${MIXED}\n`);
    expect(stderr).not.toContain(`${ONE}: ${MIXED}`);
    const split = await runHere(['diarize', CALL, '--split-channels', ...enrolled]);
    expect(split.stderr).not.toContain('were mixed');
  });
});
