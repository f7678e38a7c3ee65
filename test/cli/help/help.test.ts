import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { pathOf } from '../../../src/cli/help/help.js';
import { LAYOUT } from '../../../src/cli/help/layout.js';
import { whospeaksProgram } from '../../../src/cli/program.js';

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

/** Words as a shell would split them. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

describe('help', () => {
  test.each([24, 40, 60, 80, 200])('wraps at %d columns, the terminal telling them', async (columns) => {
    for (const command of commandsOf(await whospeaksProgram())) {
      let text = '';
      command.configureOutput({ getOutHelpWidth: () => columns, writeOut: (part) => (text += part) });
      command.outputHelp();
      for (const line of text.split('\n')) {
        // A word cannot be wrapped.
        if (/^ *(# )?\S+( \\)?$/.test(line)) continue;
        expect(line.length, `${command.name()}: ${line}`).toBeLessThanOrEqual(columns);
      }
    }
  });

  test('wraps at 80 columns where a terminal does not tell', async () => {
    const listen = (await whospeaksProgram()).commands.find((command) => command.name() === 'listen')!;
    let text = '';
    listen.configureOutput({ getOutHelpWidth: () => 0, writeOut: (part) => (text += part) });
    listen.outputHelp();
    const at80 = (await whospeaksProgram({ helpWidth: 80 })).commands.find(
      (command) => command.name() === 'listen',
    )!;
    expect(text).toBe(at80.helpInformation());
  });

  test('puts what is needed on the first day before what experts need, and ends with examples', async () => {
    const listen = (await whospeaksProgram({ helpWidth: 80 })).commands.find(
      (command) => command.name() === 'listen',
    )!;
    const text = listen.helpInformation();
    const order = [
      '\nOptions:',
      '--enroll',
      '\nExpert options:',
      '--threshold',
      '\nExamples:',
      '--name unknown-1',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    const program = (await whospeaksProgram({ helpWidth: 80 })).helpInformation();
    expect(program.indexOf('\n  listen')).toBeLessThan(program.indexOf('\nExpert commands:'));
    expect(program.indexOf('\n  evaluate')).toBeGreaterThan(program.indexOf('\nExpert commands:'));
  });

  test('lays out options and commands that there are', async () => {
    const byPath = new Map(commandsOf(await whospeaksProgram()).map((command) => [pathOf(command), command]));
    for (const [path, { expert = [] }] of Object.entries(LAYOUT)) {
      const options = byPath.get(path)?.options.map(({ long }) => long);
      expect(options, path).toEqual(expect.arrayContaining([...expert]));
    }
  });

  test('lists every command without loading it', async () => {
    const [light, full] = await Promise.all(
      [{ asked: [] }, {}].map((options) => whospeaksProgram({ helpWidth: 80, ...options })),
    );
    expect(light!.helpInformation()).toBe(full!.helpInformation());
    expect(light!.commands.map(({ options }) => options.length)).toEqual(light!.commands.map(() => 0));
    const asked = await whospeaksProgram({ asked: ['help', 'listen'] });
    expect(asked.commands.filter(({ options }) => options.length > 0).map(pathOf)).toEqual(['listen']);
    const completing = await whospeaksProgram({ asked: ['completion', 'bash'] });
    expect(commandsOf(completing).map(pathOf)).toEqual(commandsOf(full!).map(pathOf));
  });

  test('has examples of every command, which the commands take', async () => {
    for (const command of commandsOf(await whospeaksProgram())) {
      const { examples = [] } = LAYOUT[pathOf(command)] ?? {};
      const isGroup = command.commands.length > 0 && command.parent !== null;
      expect(examples.length, pathOf(command)).toBeGreaterThan(isGroup ? -1 : 0);
      for (const { line } of examples) {
        const own = line
          .split(/[|>]|<\(|\)/)
          .map((part) => part.trim())
          .filter((part) => part.startsWith('whospeaks '));
        expect(own.length, line).toBeGreaterThan(0);
        for (const part of own) expect(await isTaken(part), part).toBe(true);
      }
    }
  });
});

/** Whether a command takes the line; nothing is run. */
async function isTaken(line: string): Promise<boolean> {
  const program = await whospeaksProgram();
  let ran = false;
  for (const command of commandsOf(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => void (ran = true));
  }
  await program.parseAsync(wordsOf(line).slice(1), { from: 'user' });
  return ran;
}
