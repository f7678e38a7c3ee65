import { Option, type Command } from 'commander';

export interface EngineChoice {
  readonly engine: 'auto' | 'mlx' | 'cpu';
}

export function addEngineOption(command: Command): Command {
  return command.addOption(
    new Option('--engine <name>', 'what runs the network; auto takes mlx where it has a GPU')
      .choices(['auto', 'mlx', 'cpu'])
      .default('auto'),
  );
}
