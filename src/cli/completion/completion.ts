import { Argument, Command } from 'commander';
import { bashCompletion } from './bash.js';
import { completedCommands, type CompletedCommand } from './commands.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `whospeaks completion`: a script that completes the commands of the program it belongs to. */
export function completionCommand(): Command {
  const command = new Command('completion').addArgument(
    new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)),
  );
  return command.action((shell: string) => {
    process.stdout.write(SHELLS[shell]!(completedCommands(command.parent!)));
  });
}
