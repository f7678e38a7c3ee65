import { Option, type Command } from 'commander';
import type { EngineOptions } from '../native/index.js';
import {
  ENGINE_CHOICES,
  PRECISION_CHOICES,
  type EngineChoice,
  type PrecisionChoice,
} from '../native/engine-names.js';

export interface EngineOption {
  readonly engine: EngineChoice;
  readonly precision: PrecisionChoice;
}

/** What these flags and `--threads` ask of an engine. */
export function engineOptions({
  engine,
  precision,
  threads,
}: EngineOption & { readonly threads?: number }): EngineOptions {
  return { engine, precision, ...(threads === undefined ? {} : { threads }) };
}

export function addEngineOption(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--engine <name>',
        'what runs the network; auto takes mlx where it has a GPU, and onnx for other ONNX files',
      )
        .choices(ENGINE_CHOICES)
        .default('auto'),
    )
    .addOption(
      new Option('--precision <kind>', 'in what it computes; auto takes the fastest that this processor has')
        .choices(PRECISION_CHOICES)
        .default('fp32'),
    );
}
