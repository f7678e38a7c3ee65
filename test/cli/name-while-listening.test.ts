import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIO, runProgram, whospeaks } from '../helpers.js';

const RATE = 16_000;
const HEADER_BYTES = 44;

/** From 14.9 s on, the example meeting: carol, whom nobody enrolled, for 4.8 s from 0.5 s on; then bob and others. */
function fromCarolOn(path: string): string {
  const wav = readFileSync(`${AUDIO}/meeting.wav`);
  const from = HEADER_BYTES + 2 * Math.round(14.9 * RATE);
  writeFileSync(path, Buffer.concat([wav.subarray(0, HEADER_BYTES), wav.subarray(from)]));
  return path;
}

describe('listen on a terminal', () => {
  it('names a voice from the keyboard while it listens, saves it at once, and gives the terminal back', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-keyboard-'));
    const sound = fromCarolOn(join(scratch, 'sound.wav'));
    const store = join(scratch, 'store');
    // What is waited for on the screen, and what is then typed: \x7f is backspace, \x03 Ctrl-C.
    const script: [RegExp, string][] = [
      [/type unknown-1=NAME/, 'dana\r'],
      [/received "dana"/, 'unknown-9=dana\r'],
      [/no unknown voice is called "unknown-9"/, 'unknown-1=Dx\x7fana\r'],
      [/unknown-1 is Dana/, '\x03'],
    ];
    const { code, stdout } = await runProgram(
      'script',
      ['-qec', `node dist/cli/main.js listen ${sound} --realtime --store ${store} && stty -a`, '/dev/null'],
      {
        keepStdin: true,
        onStart: (child) => {
          let screen = '';
          child.stdout!.on('data', (text: string) => {
            screen += text;
            const [wanted, typed] = script[0] ?? [];
            if (wanted === undefined || !wanted.test(screen)) return;
            script.shift();
            child.stdin!.write(typed!);
          });
        },
      },
    );
    expect({ code, left: script }).toEqual({ code: 0, left: [] });
    expect(stdout).toContain('name a voice: unknown-1=D');
    expect(stdout).toMatch(/Dana, not unknown-1/);
    expect(stdout).toMatch(/saved unknown-1 as Dana/);
    expect(stdout).toMatch(/ icanon/);
    const saved = await whospeaks(['speakers', 'list', '--store', store]);
    expect(saved.stdout).toMatch(/^Dana\b/);
  }, 60_000);
});
