import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { COMMANDS } from './commands.js';
import { withHelp } from './help/help.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export interface ProgramOptions {
  /** Columns of the help; default: those of the terminal. */
  readonly helpWidth?: number;
  /** Load only commands that are among these words; of the others there is what the list of commands tells. */
  readonly asked?: readonly string[];
}

/** The whole command line, every command with its options unless `asked` says otherwise. */
export async function whospeaksProgram({ helpWidth, asked }: ProgramOptions = {}): Promise<Command> {
  const program = new Command('whospeaks')
    .description('Who is speaking, now: real-time streaming speaker identification.')
    .version(version);
  // What completes commands has to know them all.
  const isAsked = (name: string): boolean =>
    asked === undefined || asked.includes(name) || asked.includes('completion');
  for (const { name, description, load } of COMMANDS) {
    const command = isAsked(name) ? await load() : new Command(name);
    program.addCommand(command.description(description));
  }
  return withHelp(program, helpWidth);
}
