import { Option, type Command } from 'commander';
import { ENGINE_CHOICES, type EngineChoice } from '../native/engine-names.js';

export interface EngineOption {
  readonly engine: EngineChoice;
}

export function addEngineOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--engine <name>',
      'what runs the network; auto takes mlx where it has a GPU, and onnx for other ONNX files',
    )
      .choices(ENGINE_CHOICES)
      .default('auto'),
  );
}
