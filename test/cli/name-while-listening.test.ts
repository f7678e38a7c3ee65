import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIO, runProgram, whospeaks, type Ran } from '../helpers.js';

const RATE = 16_000;
const HEADER_BYTES = 44;
const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-keyboard-'));

/** From 14.9 s on, the example meeting: carol, whom nobody enrolled, for 4.8 s from 0.5 s on; then bob and others. */
function fromCarolOn(path: string): string {
  const wav = readFileSync(`${AUDIO}/meeting.wav`);
  const from = HEADER_BYTES + 2 * Math.round(14.9 * RATE);
  writeFileSync(path, Buffer.concat([wav.subarray(0, HEADER_BYTES), wav.subarray(from)]));
  return path;
}

const BACKSPACE = '\x7f';
const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const CTRL_D = '\x04';

/** What is waited for on the screen, and what is then typed or done. */
type Step = readonly [RegExp, string | ((match: RegExpExecArray) => void)];

/** A shell's commands on a terminal of their own. `LISTEN` listens, and stores in `store`. */
async function onTerminal(
  commands: string,
  store: string,
  steps: Step[],
  shell = 'bash --norc -ic',
): Promise<Ran & { left: Step[] }> {
  const sound = fromCarolOn(join(scratch, 'sound.wav'));
  const listen = `node dist/cli/main.js listen ${sound} --realtime --store ${store}`;
  const left = [...steps];
  const ran = await runProgram(
    'script',
    ['-qec', `${shell} '${commands.replace('LISTEN', listen)}'`, '/dev/null'],
    {
      keepStdin: true,
      onStart: (child) => {
        let screen = '';
        child.stdout!.on('data', (text: string) => {
          screen += text;
          const [wanted, answer] = left[0] ?? [];
          const match = wanted?.exec(screen);
          if (!match) return;
          left.shift();
          screen = '';
          if (typeof answer === 'function') answer(match);
          else child.stdin!.write(answer!);
        });
      },
    },
  );
  return { ...ran, left };
}

// `script` and /proc are Linux's.
describe.runIf(process.platform === 'linux').concurrent('listen on a terminal', () => {
  it('names a voice from the keyboard while it listens, saves it at once, and gives the terminal back', async () => {
    const store = join(scratch, 'names');
    const { code, stdout, left } = await onTerminal('LISTEN && stty -a', store, [
      [/type unknown-1=NAME/, 'dana\r'],
      [/received "dana"/, 'unknown-9=dana\r'],
      [/no unknown voice is called "unknown-9"/, `unknown-1=Dx${BACKSPACE}ana\r`],
      [/unknown-1 is Dana/, `half${CTRL_C}`],
    ]);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(stdout).toContain('name a voice: unknown-1=D');
    expect(stdout).toMatch(/Dana {2}\d\d %, not unknown-1/);
    expect(stdout).toMatch(/saved unknown-1 as Dana/);
    expect(stdout).toMatch(/ icanon/);
    // What was half typed is gone with the keyboard.
    expect(stdout.split('name a voice: half')).toHaveLength(2);
    const saved = await whospeaks(['speakers', 'list', '--store', store]);
    expect(saved.stdout).toMatch(/^Dana\b/);
  }, 60_000);

  it('says whose the turn at a time was', async () => {
    const { code, stdout, left } = await onTerminal('LISTEN', join(scratch, 'turns'), [
      [/type unknown-1=NAME/, 'unknown-1=Dana\r'],
      [/- 00:1\d\.\d +unknown-2/, '03:00=dana\r'],
      [/nobody was heard at that time/, '00:13=dana\r'],
      [/Dana +\d+ %, not unknown-2/, CTRL_C],
    ]);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(stdout).toMatch(/00:1\d\.\d - 00:1\d\.\d +Dana +\d+ %, not unknown-2/);
  }, 60_000);

  it('hears the keyboard again after Ctrl-Z and fg', async () => {
    const { code, left } = await onTerminal('LISTEN; fg', join(scratch, 'stopped'), [
      [/type unknown-1=NAME/, CTRL_Z],
      [/Stopped[^]*\d %/, 'unknown-1=Dana\r'],
      [/unknown-1 is Dana/, CTRL_C],
    ]);
    expect({ code, left }).toEqual({ code: 0, left: [] });
  }, 60_000);

  it('goes on without the keyboard after Ctrl-D', async () => {
    const { code, stdout, left } = await onTerminal('LISTEN', join(scratch, 'closed'), [
      [/00:01/, CTRL_D],
      [/ {2}unknown-1 [^]*% {2}/, CTRL_C],
    ]);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(stdout).not.toContain('type unknown-1=NAME');
  }, 60_000);

  it('leaves the terminal as it was where it is terminated', async () => {
    const commands = 'echo pid $$; (exec LISTEN); echo code $?; stty -a';
    // An interactive shell would mend the terminal itself.
    const { stdout, left } = await onTerminal(
      commands,
      join(scratch, 'killed'),
      [
        [
          /pid (\d+)[^]*00:01/,
          ([, shell]) => {
            process.kill(childOf(Number(shell)), 'SIGTERM');
          },
        ],
      ],
      'sh -c',
    );
    expect(left).toEqual([]);
    expect(stdout).toContain('code 143');
    expect(stdout).toMatch(/ icanon/);
  }, 60_000);
});

/** The one child process. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
