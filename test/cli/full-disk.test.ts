import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RttmFile } from '../../src/cli/rttm-file.js';
import { runHere } from '../cli-in-process.js';
import { AUDIO, ROOT, runProgram, whospeaks } from '../helpers.js';

/** A device of Linux on which every write fails for want of space. */
const FULL = '/dev/full';

const shell = (line: string) => runProgram('sh', ['-c', line]);
const NODE = `"${process.execPath}" "${ROOT}dist/cli/main.js"`;

describe.runIf(existsSync(FULL))('a full disk', () => {
  it('ends `listen --rttm` in one line', async () => {
    const ran = await whospeaks(['listen', `${AUDIO}/alice.wav`, '--rttm', FULL]);
    expect(ran.stderr).toMatch(/^error: --rttm: cannot write \/dev\/full: ENOSPC.*\[invalid-option\]\n$/);
    expect(ran.code).toBe(2);
  });

  it('is told of lines that cannot be written', async () => {
    const file = new RttmFile(FULL, { input: 'a call.wav', recording: 'a call' });
    const speech = [{ startSample: 0, endSample: 16_000 }];
    const final = { type: 'final', turn: 0, speaker: 'alice', speech } as never;
    expect(() => {
      file.event(final);
    }).toThrow(expect.objectContaining({ code: 'invalid-option' }) as Error);
    await file.close();
  });

  it.each(['--help', '--version', `compare ${AUDIO}/alice.wav ${AUDIO}/bob.wav`])(
    'under standard output ends in one line: %s',
    async (args) => {
      const ran = await shell(`${NODE} ${args} > ${FULL}`);
      expect(ran.stderr).toMatch(/^error: cannot write to standard output: ENOSPC.*\[invalid-option\]\n$/);
      expect(ran.code).toBe(2);
    },
  );

  it('under standard error keeps the exit code', async () => {
    expect((await shell(`${NODE} listen no-such.wav 2> ${FULL}`)).code).toBe(3);
  });
});

describe('a closed pipe', () => {
  it('at standard output ends quietly', async () => {
    const ran = await shell(`(${NODE} listen ${AUDIO}/meeting.wav --json; echo $? >&2) | head -1`);
    expect(ran.stderr).toBe('0\n');
    expect(ran.stdout).toContain('"tentative"');
  });

  it('at standard error keeps the exit code', async () => {
    const ran = await shell(`{ (${NODE} listen no-such.wav 2>&1 >&3; echo $? >&3) | true; } 3>&1`);
    expect(ran.stdout).toBe('3\n');
  });
});

describe('outputs that cannot be written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-outputs-'));
  const nowhere = join(folder, 'none', 'out');

  it('a cache that cannot be written is named', async () => {
    const env = { WHOSPEAKS_CACHE: join(ROOT, 'package.json'), WHOSPEAKS_HF_ENDPOINT: 'http://127.0.0.1:9' };
    const ran = await runHere(['model', 'pull', 'wespeaker-voxceleb-resnet34-LM'], { env });
    expect(ran.stderr).toMatch(/^error: cannot write .*: ENOTDIR.*\[model-unwritable\]\n$/);
    expect(ran.code).toBe(4);
  });

  it.each([
    [['speakers', 'export', nowhere, '--store', folder], 'store-unwritable', 5],
    [['token', '--file', nowhere], 'server-config', 8],
    [
      ['model', 'convert', `${ROOT}models/model.safetensors`, `${nowhere}.safetensors`],
      'model-unwritable',
      4,
    ],
  ] as const)('%s names the file and why', async (args, code, exit) => {
    const ran = await runHere(args);
    expect(ran.stderr).toMatch(new RegExp(`^error: cannot write .*none.*: ENOENT.*\\[${code}\\]\n$`));
    expect(ran.code).toBe(exit);
  });

  it('a pipe is written to, not replaced by a file', async () => {
    const pipe = join(folder, 'pipe');
    const answer = `timeout 20 cat ${pipe} & sleep 0.2`;
    const ran = await shell(
      `mkfifo ${pipe} && (${answer}; ${NODE} speakers export ${pipe} --store ${folder} >&2; wait; test -p ${pipe})`,
    );
    expect(ran.stdout).toContain('"whospeaks-speakers"');
    expect(ran.code).toBe(0);
  });

  it('a tokens file that cannot be written anew stays as it was', async () => {
    const file = join(folder, 'tokens.json');
    expect((await runHere(['token', '--file', file])).code).toBe(0);
    chmodSync(file, 0o640);
    expect((await runHere(['token', '--file', file])).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const before = readFileSync(file, 'utf8');
    // No file may grow beyond a block of 512 bytes.
    expect((await shell(`ulimit -f 1; ${NODE} token --file ${file}`)).code).not.toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
