import type { Command } from 'commander';
import { wholeNumber } from './audio-input.js';

/** How many speakers a recording has, where that is known. */
export function addCountOptions(command: Command): Command {
  return command
    .option('--speakers <n>', 'how many speakers there are (default: as many as are found)', wholeNumber)
    .option('--min-speakers <n>', 'at least so many', wholeNumber)
    .option('--max-speakers <n>', 'at most so many', wholeNumber);
}
